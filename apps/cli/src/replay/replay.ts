import { randomBytes } from 'node:crypto';
import type { KafkaInspector } from '@kafka-http-proxy/kafka';
import { judge, LOCK_KEY, markOf, nextLock, type RunLock, readLetter, readRunLock } from '@kafka-http-proxy/operate';
import { type Connection, withInspector } from '../connection/connection.js';
import type { MarkStore } from '../marks/mark-store.js';
import { type MarksPlace, openMarks } from '../marks/open-marks.js';
import { whoRuns } from '../marks/who.js';
import { CommandFailure, EXIT } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import type { Printer } from '../output/printer.js';
import { confirmed } from './confirm.js';
import { sendAll } from './engine.js';
import { fetchLetters } from './fetch.js';
import { openFileLog } from './file-log.js';
import { consentsOf, type ReplayFlags } from './options.js';
import { createPlanner, destinationsOf, type Plan } from './plan.js';
import { demandTopics, openAnswers, requestTopics } from './preflight.js';
import { createReport, describePlan } from './report.js';
import { openRunLog, type RunLog, type RunName } from './run-log.js';
import { createLetterSender } from './send-letter.js';
import { openSession, type ReplaySession } from './session.js';

/** What a run is made of. */
export interface ReplayRun {
  readonly connection: Connection;
  readonly host: Host;
  readonly print: Printer;
  readonly flags: ReplayFlags;
  readonly deadLetterTopic: string;
  /** `--state`: a file for the marks, instead of their topic. */
  readonly state?: string | undefined;
  /** Whether a letter is looked for. */
  isWanted(letter: ReturnType<typeof readLetter>): boolean;
}

/**
 * Sends letters again and waits for what becomes of each.
 *
 * @returns the exit code
 * @throws CommandFailure, {KafkaClientFault}
 */
export async function replay(run: ReplayRun): Promise<number> {
  return await withInspector(run.connection, run.host, async (inspector) => {
    demandTopics(await inspector.cluster(), [run.deadLetterTopic]);
    // Letters that come from here on are another run's.
    const ends = await endsOf(inspector, run.deadLetterTopic);
    const place: MarksPlace = { ...run, inspector, settings: run.connection.settings };
    if (run.flags.dryRun) {
      const plan = await planOf(run, inspector, ends, place);
      printPlan(run, plan);
      return EXIT.done;
    }
    const name: RunName = { run: newRun(), by: whoRuns() };
    const session = await openSession(run.connection.settings, {
      controlTopic: run.connection.tiers[0]?.config.control_topic ?? 'khp-control',
      signal: run.host.signal,
    });
    const marks = await openMarks(place).catch(async (error: unknown) => {
      await session.close();
      throw error;
    });
    try {
      const log = await takeLog(run, name, session, marks, place);
      try {
        const plan = await planOf(run, inspector, ends, place);
        return await carryOut(run, plan, { inspector, session, log, name });
      } finally {
        await log.release();
      }
    } finally {
      await session.close();
      await marks.close();
    }
  });
}

type Ends = Awaited<ReturnType<KafkaInspector['offsets']>>;

async function endsOf(inspector: KafkaInspector, topic: string): Promise<Ends> {
  const partitions = (await inspector.cluster()).topics.get(topic) ?? [];
  return await inspector.offsets(
    partitions.map(({ partition }) => ({ topic, partition })),
    'end',
  );
}

/** Names a run so that people can tell it from others, and when it was: `20261128-1714-9f3a`. */
function newRun(): string {
  const [day, time] = new Date().toISOString().split('T') as [string, string];
  return `${day.replaceAll('-', '')}-${time.slice(0, 5).replace(':', '')}-${randomBytes(2).toString('hex')}`;
}

async function takeLog(
  { host, print, state, deadLetterTopic }: ReplayRun,
  name: RunName,
  session: ReplaySession,
  marks: MarkStore,
  place: MarksPlace,
): Promise<RunLog> {
  await marks.prepare();
  const log =
    state === undefined
      ? await openRunLog({ ...name, session, marks, readLock: () => lockOf(place) })
      : openFileLog(marks, name);
  const waiting = setTimeout(() => print.note('Another run has not ended properly: waiting whether it goes on.'), 1000);
  const other = await log.take().finally(() => clearTimeout(waiting));
  if (other === null) return log;
  host.signal.throwIfAborted();
  const since = new Date(other.since).toISOString();
  throw new CommandFailure(
    `Letters of ${deadLetterTopic} are being replayed already: run ${other.run} of ${other.by}, since ${since}.`,
  );
}

/** How the lock of the marks topic stands. */
async function lockOf(place: MarksPlace): Promise<RunLock | null> {
  let lock: RunLock | null = null;
  const store = await openMarks(place, {
    onRecord({ key, value }) {
      const read = key?.toString('utf8') === LOCK_KEY ? readRunLock(value) : null;
      if (read !== null) lock = nextLock(lock, read);
    },
  });
  await store.close();
  return lock;
}

/** Reads marks to their end, then all letters. */
async function planOf(run: ReplayRun, inspector: KafkaInspector, ends: Ends, place: MarksPlace): Promise<Plan> {
  const { connection, flags, deadLetterTopic, host } = run;
  const store = await openMarks(place);
  const marks = store.all();
  await store.close();
  const planner = createPlanner({
    consents: consentsOf(flags),
    to: flags.to ?? null,
    isRequestTopic: requestTopics(connection.tiers, deadLetterTopic),
    limit: flags.limit ?? Number.POSITIVE_INFINITY,
  });
  const starts = await inspector.offsets(ends, 'start');
  const ranges = starts.map((start) => ({
    ...start,
    from: start.offset,
    to: ends.find(({ partition }) => partition === start.partition)?.offset ?? 0,
  }));
  await inspector.read(
    ranges,
    (record) => {
      const letter = readLetter(record);
      if (run.isWanted(letter)) planner.add(letter, judge(letter, markOf(marks, letter), flags));
    },
    { signal: host.signal },
  );
  host.signal.throwIfAborted();
  return planner.plan();
}

function printPlan({ print }: Pick<ReplayRun, 'print'>, plan: Plan): void {
  if (print.json) {
    const { letters, passedOver, total } = plan;
    const to = Object.fromEntries(destinationsOf(plan));
    print.object({ total, ready: letters.length, to, not_sent: Object.fromEntries(passedOver) });
  } else print.text(describePlan(plan));
}

interface Means {
  readonly inspector: KafkaInspector;
  readonly session: ReplaySession;
  readonly log: RunLog;
  readonly name: RunName;
}

async function carryOut(run: ReplayRun, plan: Plan, { inspector, session, log, name }: Means): Promise<number> {
  const { host, print, flags, deadLetterTopic, connection } = run;
  const { letters } = plan;
  if (letters.length === 0) {
    print.note(describePlan(plan));
    return EXIT.done;
  }
  demandTopics(
    await inspector.cluster(),
    destinationsOf(plan).map(([topic]) => topic),
  );
  const fallback = connection.tiers.map(responseTopicOf).find((topic) => topic !== undefined);
  const addressOf = flags.wait
    ? await openAnswers(letters, { forced: flags.replyTopic, fallback }, session)
    : () => null;
  if (flags.yes) print.note(describePlan(plan));
  else if (!(await confirmed(`${describePlan(plan)}\nSend them?`, host))) return EXIT.done;

  const timeoutMs = flags.timeout * 1000;
  const sender = createLetterSender({
    log,
    requester: session.requester,
    name,
    timeoutMs,
    addressOf: ({ planned }) => addressOf(planned),
  });
  const report = await createReport(print, name.run, letters.length);
  const signal = AbortSignal.any([host.signal, log.lost]);
  const end = await sendAll(
    fetchLetters(inspector, deadLetterTopic, letters, signal),
    {
      ...sender,
      laneOf: ({ planned, record }) => (record.key === null ? null : `${planned.to} ${record.key.toString('latin1')}`),
      ended: report.ended,
    },
    { ...flags, rate: flags.rate ?? null, signal },
  );
  if (log.lost.aborted) {
    report.finish('lost', (log.lost.reason as Error).message);
    return EXIT.notWell;
  }
  report.finish(end);
  if (end === 'stopped') return EXIT.interrupted;
  return report.failed > 0 ? EXIT.notWell : EXIT.done;
}

/** Where replies to requests without an address of their own go. */
function responseTopicOf({ tier, config }: Connection['tiers'][number]): string | undefined {
  return tier === 'proxy' ? config.default_response_topic : undefined;
}
