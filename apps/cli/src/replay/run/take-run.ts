import { LOCK_KEY, nextLock, type RunLock, readRunLock } from '@kafka-http-proxy/operate';
import type { MarkStore } from '../../marks/mark-store.js';
import { type MarksPlace, openMarks } from '../../marks/open-marks.js';
import { CommandFailure } from '../../operator/exit.js';
import type { Host } from '../../operator/host.js';
import type { Printer } from '../../output/printer.js';
import { openFileLog } from './file-log.js';
import { openRunLog, type RunLog, type RunName } from './run-log.js';
import type { ReplaySession } from './session.js';

/** What taking the right to replay needs. */
export interface TakeRunDeps {
  readonly place: MarksPlace;
  readonly marks: MarkStore;
  readonly session: ReplaySession;
  readonly name: RunName;
  readonly host: Host;
  readonly print: Printer;
}

/** When somebody is told why nothing happens, ms. */
const PATIENCE_MS = 1_000;

/**
 * Takes the right to replay the letters of a topic, which is released by its log.
 *
 * @throws {CommandFailure} that says whose it is; {KafkaClientFault}
 */
export async function takeRun({ place, marks, session, name, host, print }: TakeRunDeps): Promise<RunLog> {
  await marks.prepare();
  const log =
    place.state === undefined
      ? await openRunLog({ ...name, session, marks, readLock: () => lockOf(place) })
      : openFileLog(marks, name);
  const told = setTimeout(
    () => print.note('A run before has not ended as it should: is it still going on?'),
    PATIENCE_MS,
  );
  const other = await log.take().finally(() => clearTimeout(told));
  host.signal.throwIfAborted();
  if (other === null) return log;
  const since = new Date(other.since).toISOString();
  throw new CommandFailure(
    `The letters of ${place.deadLetterTopic} are being replayed already: run ${other.run} of ${other.by}, since ${since}.`,
  );
}

/** How the lock of the marks topic stands. */
async function lockOf(place: MarksPlace): Promise<RunLock | null> {
  let lock: RunLock | null = null;
  const store = await openMarks(place, {
    onRecord({ key, value }) {
      if (key?.toString('utf8') !== LOCK_KEY) return;
      const read = readRunLock(value);
      // One without a value takes away what nobody's run has written.
      if (value === null) lock = null;
      else if (read !== null) lock = nextLock(lock, read);
    },
  });
  await store.close();
  return lock;
}
