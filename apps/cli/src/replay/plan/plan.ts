import {
  type Consent,
  type Judgement,
  type Letter,
  maySend,
  type Settled,
  type Verdict,
} from '@kafka-http-proxy/operate';

/** A letter that is to be sent: where it is, and what is needed before its record is read again. */
export interface Planned {
  readonly partition: number;
  readonly offset: number;
  /** When it became a letter, ms since the epoch; never less than that of the one before it in its partition. */
  readonly atMs: number;
  /** Of key and value. */
  readonly bytes: number;
  /** The request topic. */
  readonly to: string;
  /** Of its envelope: an answer to one of version 1 can't be told from others. */
  readonly version: 1 | 2;
  /** The response topic that it names. */
  readonly replyTopic: string | null;
  /** How often it is sent with this run. */
  readonly n: number;
}

/** Why a letter is not sent: what it is, or how it was settled already, or that its topic is none of ours. */
export type PassedOver = Verdict | Settled | 'other_topic' | 'no_answers' | 'limit';

/** What a run is to do. */
export interface Plan {
  /** In the order in which they are to be sent: oldest first, those of a partition in their order. */
  readonly letters: readonly Planned[];
  readonly passedOver: ReadonlyMap<PassedOver, number>;
  /** All that were looked at. */
  readonly total: number;
}

/** What decides about letters. */
export interface PlanOptions {
  readonly consents: ReadonlySet<Consent>;
  /** `--to`: another request topic than theirs. */
  readonly to: string | null;
  /** Whether requests may be written to a topic that a letter names: anybody may have written the letter. */
  isRequestTopic(topic: string): boolean;
  readonly limit: number;
}

/** Gathers a plan from letters, each with its judgement; those of a partition in their order. */
export interface Planner {
  add(letter: Letter, judgement: Judgement): void;
  plan(): Plan;
}

/**
 * @example
 * const planner = createPlanner({ consents, to: null, isRequestTopic, limit: Infinity });
 * planner.add(letter, judge(letter, markOf(marks, letter)));
 * planner.plan().letters.length;
 */
export function createPlanner({ consents, to, isRequestTopic, limit }: PlanOptions): Planner {
  const letters: Planned[] = [];
  const passedOver = new Map<PassedOver, number>();
  const newest = new Map<number, number>();
  let total = 0;
  const pass = (why: PassedOver, count = 1) => void passedOver.set(why, (passedOver.get(why) ?? 0) + count);

  return {
    add(letter, judgement) {
      total++;
      const { record, request, error } = letter;
      const { partition, offset, timestampMs } = record;
      const atMs = Math.max(timestampMs, newest.get(partition) ?? 0);
      newest.set(partition, atMs);
      if (!maySend(judgement, consents)) {
        // What --again lets through is held back by its verdict.
        return pass(consents.has('--again') ? judgement.verdict : (judgement.settled ?? judgement.verdict));
      }
      // Neither is null in a letter that may be sent.
      const topic = to ?? error?.topic ?? '';
      if (to === null && !isRequestTopic(topic)) return pass('other_topic');
      letters.push({
        partition,
        offset,
        atMs,
        bytes: (record.key?.length ?? 0) + (record.value?.length ?? 0),
        to: topic,
        version: request?.version ?? 1,
        replyTopic: request?.reply?.topic ?? null,
        n: judgement.replays + 1,
      });
    },
    plan() {
      letters.sort((a, b) => a.atMs - b.atMs || a.partition - b.partition || a.offset - b.offset);
      if (letters.length > limit) pass('limit', letters.splice(limit).length);
      return { letters, passedOver, total };
    },
  };
}

/** The plan without some letters, which are passed over for that reason. */
export function without(plan: Plan, isLeftOut: (letter: Planned) => boolean, why: PassedOver): Plan {
  const letters = plan.letters.filter((letter) => !isLeftOut(letter));
  const count = plan.letters.length - letters.length;
  return count === 0 ? plan : { ...plan, letters, passedOver: new Map([...plan.passedOver, [why, count]]) };
}

/** How many letters go to each topic, most first. */
export function destinationsOf({ letters }: Pick<Plan, 'letters'>): [topic: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { to } of letters) counts.set(to, (counts.get(to) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}
