import type { Letters } from '../letters/open-letters.js';
import { EXIT } from '../operator/exit.js';
import { confirmed } from './confirm.js';
import { sendAll } from './engine.js';
import { destinationsOf, type Plan } from './plan.js';
import { controlTopicOf, demandTopics, longAnswersDenied, openAnswers, replyTopicOf } from './preflight.js';
import { createReport, describePlan } from './report.js';
import type { ReplayRun } from './run.js';
import type { RunLog, RunName } from './run-log.js';
import { createLetterSender } from './send-letter.js';
import type { ReplaySession } from './session.js';
import type { LetterSource } from './source.js';

/** What a plan is carried out by. */
export interface Means {
  readonly letters: Pick<Letters, 'inspector'>;
  readonly source: LetterSource;
  readonly session: ReplaySession;
  readonly log: RunLog;
  readonly name: RunName;
}

/**
 * Asks, sends, and tells what became of it.
 *
 * @returns the exit code
 * @throws {CommandFailure} before anything was sent
 */
export async function carryOut(
  { host, print, flags, connection }: Pick<ReplayRun, 'host' | 'print' | 'flags' | 'connection'>,
  plan: Plan,
  { letters: { inspector }, source, session, log, name }: Means,
): Promise<number> {
  const { letters } = plan;
  if (letters.length === 0) {
    print.note(describePlan(plan));
    return EXIT.done;
  }
  const topics = destinationsOf(plan).map(([topic]) => topic);
  demandTopics(await inspector.cluster(), topics);
  const named = { forced: flags.replyTopic, fallback: replyTopicOf(connection.tiers) };
  const addressOf = flags.wait ? await openAnswers(letters, named, session) : () => null;
  const denied = flags.wait ? await longAnswersDenied(inspector, controlTopicOf(connection.tiers)) : null;
  if (denied !== null) print.note(denied);
  if (flags.yes) print.note(describePlan(plan));
  else if (!(await confirmed(`${describePlan(plan)}\nSend them?`, host))) return EXIT.done;

  const sender = createLetterSender({
    log,
    requester: session.requester,
    name,
    timeoutMs: flags.timeout * 1000,
    addressOf: ({ planned }) => addressOf(planned),
  });
  const report = await createReport(print, name.run, letters.length);
  const signal = AbortSignal.any([host.signal, log.lost]);
  const end = await sendAll(
    source.fetch(letters, signal),
    {
      ...sender,
      laneOf: ({ planned, record: { key } }) => (key === null ? null : `${planned.to} ${key.toString('latin1')}`),
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
