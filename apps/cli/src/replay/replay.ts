import { judge, type Marks, markOf } from '@kafka-http-proxy/operate';
import { connectionOf } from '../connection/connection.js';
import { type Letters, withOpenLetters } from '../letters/open-letters.js';
import { maxReplaysOf } from '../letters/options.js';
import { isEmpty, isNamed, selectionOf } from '../letters/selection.js';
import { judgeFilters, wantedLetters } from '../letters/wanted.js';
import { type MarksPlace, openMarks } from '../marks/open-marks.js';
import { newRun, whoRuns } from '../marks/who.js';
import { EXIT } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import { createPrinter } from '../output/printer.js';
import { carryOut } from './carry-out.js';
import { controlTopicOf, demandDestination, letterTopics } from './letter-topics.js';
import { consentsOf, type ReplayFlags } from './options.js';
import { createPlanner, destinationsOf, type Plan } from './plan/plan.js';
import { type LetterSource, topicSource } from './plan/source.js';
import { fileSource } from './plan/source-file.js';
import { demandTopics } from './preflight.js';
import type { ReplayRun } from './replay-run.js';
import { printPlan } from './report.js';
import { openSession } from './run/session.js';
import { takeRun } from './run/take-run.js';

/**
 * `dlq replay`: sends letters again and waits for what becomes of each.
 *
 * @returns the exit code
 * @throws {CommandFailure}, {FilterMistake}, {KafkaClientFault}
 */
export async function replay(names: readonly string[], flags: ReplayFlags, host: Host): Promise<number> {
  const print = createPrinter(host, flags);
  judgeFilters(flags);
  const connection = await connectionOf(flags, host);
  const run: ReplayRun = { connection, host, print, flags, names };
  return await withOpenLetters(connection, host, flags, async (letters) => {
    if (flags.to !== undefined) demandDestination(flags.to, connection.tiers, letters.topic);
    const source = flags.from === undefined ? topicSource(letters) : fileSource(flags.from, letters.topic);
    if (!flags.dryRun) return await underLock(run, letters, source);
    const plan = await planOf(run, letters, source, letters.marks.all());
    printPlan(print, plan);
    // What it would be allowed is not asked: who may only read may look, too.
    const needs = destinationsOf(plan).map(([name]) => ({ resource: 'topic', name, operations: [] }) as const);
    await demandTopics(letters.inspector, needs);
    return EXIT.done;
  });
}

async function underLock(run: ReplayRun, letters: Letters, source: LetterSource): Promise<number> {
  const { connection, host, print, flags } = run;
  const { inspector, marks, topic: deadLetterTopic } = letters;
  const { settings, tiers } = connection;
  const place: MarksPlace = { settings, inspector, deadLetterTopic, state: flags.state };
  const name = { run: newRun(), by: whoRuns() };
  const controlTopic = controlTopicOf(tiers);
  const session = await openSession(settings, { controlTopic, signal: host.signal });
  try {
    const log = await takeRun({ place, marks, session, name, host, print });
    try {
      // Read anew: until the lock was ours another run may have written some.
      const now = await openMarks(place);
      await now.close();
      const plan = await planOf(run, letters, source, now.all());
      return await carryOut(run, plan, { letters, source, session, log, name });
    } finally {
      await log.release();
    }
  } finally {
    await session.close();
  }
}

/** Looks at all letters. */
async function planOf(run: ReplayRun, letters: Letters, source: LetterSource, marks: Marks): Promise<Plan> {
  const { connection, flags, names, host } = run;
  const { topic } = letters;
  const isWanted = wantedLetters(flags, letters, run.print);
  const selection = selectionOf(names, topic);
  const maxReplays = maxReplaysOf(flags);
  const planner = createPlanner({
    consents: consentsOf(flags),
    to: flags.to ?? null,
    isRequestTopic: letterTopics(connection.tiers, topic).isRequestTopic,
    limit: flags.limit ?? Number.POSITIVE_INFINITY,
  });
  await source.scan((found) => {
    const { letter } = found;
    if (!isWanted(found) || !(isEmpty(selection) || isNamed(selection, found))) return;
    const mark = markOf(marks, letter);
    if (flags.run !== undefined && mark?.run !== flags.run) return;
    planner.add(letter, judge(letter, mark, { maxReplays }));
  }, host.signal);
  host.signal.throwIfAborted();
  return planner.plan();
}
