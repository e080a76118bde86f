import { encodeInquiry, type ReplyAddress, type TopicState, type WireRecord } from '@kafka-http-proxy/protocol';
import type { Clock } from '@kafka-http-proxy/streams';

/** Finds out, after a timeout, what became of requests of a topic: by asking the processors. */
export interface Whereabouts {
  /**
   * Calls back once with the cause, a sentence for the client; null when it is not known. At once where it was learnt
   * a moment ago, else when a processor has answered, after half a second at most.
   */
  explain(topic: string, address: ReplyAddress, told: (cause: string | null) => void): void;
  /** An answer of a processor. */
  answered(id: string, state: TopicState): void;
  /** A reply to a request of this topic arrived: what was wrong is over. */
  replied(topic: string): void;
  /** What is wrong with configured request topics: a sentence each. */
  notes(): string[];
  close(): void;
}

/** How processors are asked. */
export interface WhereaboutsOptions {
  /** Writes a question to every processor; false when that can't be. */
  readonly ask: (question: WireRecord) => boolean;
  /** An id that no exchange has. */
  readonly nextId: () => string;
  /** Whether the operator chose a topic: what strangers name is no note. */
  readonly isConfigured: (topic: string) => boolean;
  readonly clock: Clock;
}

/** How long processors have for their answer, ms; the client waits meanwhile. */
const PATIENCE_MS = 500;
/** How long an answer stands, ms. */
const FRESH_MS = 1000;
/** How long a note stays after the last timeout, ms. */
const NOTED_MS = 60_000;
/** Most questions under way, and answers remembered: strangers may name topics. */
const MOST = 20;

interface Question {
  readonly topic: string;
  readonly states: TopicState[];
  readonly waiting: ((cause: string | null) => void)[];
  finish(): void;
}

/**
 * Asks the processors, and remembers for a while what they answered.
 *
 * @example
 * const whereabouts = createWhereabouts({ ask: control.ask, nextId: ids.next, isConfigured, clock });
 * whereabouts.explain('orders', address, (cause) => fail(cause ?? 'No reply arrived.'));
 */
export function createWhereabouts({ ask, nextId, isConfigured, clock }: WhereaboutsOptions): Whereabouts {
  const questions = new Map<string, Question>();
  const known = new Map<string, { readonly cause: string; readonly atMs: number }>();
  const wrong = new Map<string, { readonly cause: string; readonly atMs: number }>();

  const remember = (topic: string, cause: string) => {
    known.delete(topic);
    known.set(topic, { cause, atMs: clock.now() });
    const [oldest] = known.keys();
    if (known.size > MOST && oldest !== undefined) known.delete(oldest);
  };
  const note = (topic: string, cause: string) => {
    if (isConfigured(topic)) wrong.set(topic, { cause, atMs: clock.now() });
  };
  const begin = (topic: string, address: ReplyAddress, told: (cause: string | null) => void) => {
    const id = nextId();
    const question: Question = {
      topic,
      states: [],
      waiting: [told],
      finish() {
        stop();
        questions.delete(id);
        const cause = causeOf(topic, address.topic, question.states);
        remember(topic, cause);
        note(topic, cause);
        for (const tell of question.waiting) tell(cause);
      },
    };
    const stop = clock.after(PATIENCE_MS, question.finish);
    questions.set(id, question);
    if (ask(encodeInquiry({ id, topic, reply: address }))) return;
    stop();
    questions.delete(id);
    told(null);
  };

  return {
    explain(topic, address, told) {
      const last = known.get(topic);
      if (last !== undefined && clock.now() - last.atMs < FRESH_MS) {
        note(topic, last.cause);
        told(last.cause);
        return;
      }
      const running = [...questions.values()].find((one) => one.topic === topic);
      if (running !== undefined) running.waiting.push(told);
      else if (questions.size >= MOST) told(null);
      else begin(topic, address, told);
    },
    answered(id, state) {
      const question = questions.get(id);
      if (question === undefined) return;
      question.states.push(state);
      // The others can only say that they don't read it.
      if (state.partitions > 0) question.finish();
    },
    replied(topic) {
      if (wrong.size > 0) wrong.delete(topic);
      if (known.size > 0) known.delete(topic);
    },
    notes() {
      const since = clock.now() - NOTED_MS;
      for (const [topic, { atMs }] of wrong) if (atMs < since) wrong.delete(topic);
      return [...wrong.values()].map(({ cause }) => `requests time out: ${cause}`);
    },
    close() {
      for (const question of [...questions.values()]) question.finish();
    },
  };
}

/** What the processors' answers come to. It names no topic but those of the request itself. */
function causeOf(topic: string, responseTopic: string, states: readonly TopicState[]): string {
  if (states.length === 0) {
    return `No processor of topic ${topic} answers: none runs, or it may not reply to ${responseTopic}, or its control_topic is another.`;
  }
  const readers = states.filter(({ reads }) => reads);
  if (readers.length === 0) return `No processor reads topic ${topic}: is the name right?`;
  const reader = readers.find(({ partitions }) => partitions > 0);
  if (reader === undefined)
    return `The processor of topic ${topic} has none of its partitions: its consumer group gives it none.`;
  const { unhealthy, open, lag } = reader;
  if (unhealthy) return `The processor of topic ${topic} holds requests back: its backend fails often.`;
  if (open + lag > BACKLOG) return `The processor of topic ${topic} is behind: ${open + lag} requests are unfinished.`;
  if (open > 0) return `The processor of topic ${topic} took it up, and waits for its backend.`;
  return `The processor of topic ${topic} has read all of it: the request was taken up, and no reply came to ${responseTopic}.`;
}

/** As many unfinished requests are a queue, not what runs at the backend. */
const BACKLOG = 100;
