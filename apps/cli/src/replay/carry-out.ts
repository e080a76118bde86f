import { printableLines } from '@kafka-http-proxy/operate';
import type { Letters } from '../letters/open-letters.js';
import { confirm, NOBODY_TO_ASK } from '../operator/confirm.js';
import { EXIT, mistake } from '../operator/exit.js';
import { controlTopicOf, letterTopics } from './letter-topics.js';
import { destinationsOf, type Plan, without } from './plan/plan.js';
import type { LetterSource } from './plan/source.js';
import { demandTopics, longAnswersDenied, openAnswers, replyTopicOf } from './preflight.js';
import type { ReplayRun } from './replay-run.js';
import { createReport, describePlan } from './report.js';
import type { RunLog, RunName } from './run/run-log.js';
import type { ReplaySession } from './run/session.js';
import { sendAll } from './sending/engine.js';
import { createLetterSender } from './sending/send-letter.js';

/** What a plan is carried out by. */
export interface Means {
  readonly letters: Pick<Letters, 'inspector' | 'topic'>;
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
  wanted: Plan,
  { letters: { inspector, topic }, source, session, log, name }: Means,
): Promise<number> {
  if (wanted.letters.length === 0) {
    print.note(describePlan(wanted));
    return EXIT.done;
  }
  await demandTopics(
    inspector,
    destinationsOf(wanted).map(([name]) => ({ resource: 'topic', name, operations: ['Write'] })),
  );
  const named = { forced: flags.replyTopic, fallback: replyTopicOf(connection.tiers) };
  const { isReplyTopic } = letterTopics(connection.tiers, topic);
  const answers = flags.wait ? await openAnswers(wanted.letters, named, { session, inspector, isReplyTopic }) : null;
  for (const trouble of answers?.troubles ?? []) print.note(trouble);
  const plan = answers === null ? wanted : without(wanted, answers.isUnreadable, 'no_answers');
  const { letters } = plan;
  const denied = flags.wait ? await longAnswersDenied(inspector, controlTopicOf(connection.tiers)) : null;
  if (denied !== null) print.note(denied);
  if (flags.yes) print.note(describePlan(plan));
  else {
    if (host.stdin.isTTY !== true) throw mistake(`${describePlan(plan)}\n${NOBODY_TO_ASK}, or --dry-run.`);
    const goesOn = await confirm(host, `${printableLines(describePlan(plan))}\nSend them?`);
    if (!goesOn) return host.signal.aborted ? EXIT.interrupted : EXIT.notWell;
  }

  const sender = createLetterSender({
    log,
    requester: session.requester,
    name,
    timeoutMs: flags.timeout * 1000,
    addressOf: ({ planned }) => answers?.addressOf(planned) ?? null,
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
  ).catch((error: unknown) => {
    // Kafka may be gone: whoever reads why is to know how far it came.
    report.finish('lost');
    throw error;
  });
  if (log.lost.aborted) {
    report.finish('lost', (log.lost.reason as Error).message);
    return EXIT.notWell;
  }
  report.finish(end);
  if (end === 'stopped') return EXIT.interrupted;
  return report.failed > 0 ? EXIT.notWell : EXIT.done;
}
