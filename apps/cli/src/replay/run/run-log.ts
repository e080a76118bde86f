import type { OutgoingRecord, RecordProducer } from '@kafka-http-proxy/kafka';
import { LOCK_KEY, type Mark, type RunLock } from '@kafka-http-proxy/operate';
import { refusedMark } from '../../marks/kafka-marks.js';
import type { LetterPlace, MarkStore } from '../../marks/mark-store.js';
import { createLease } from './lease.js';
import type { ReplaySession } from './session.js';

/** What a run writes down for all to see, and its right to do so: one run at a time. */
export interface RunLog {
  /** Begins. @returns who runs already, where somebody does */
  take(): Promise<RunLock | null>;
  /** Writes that a letter is being sent. False: another run has taken over, so it must not be. */
  announce(letter: LetterPlace, mark: Mark): Promise<boolean>;
  /** Writes what became of it. */
  note(letter: LetterPlace, mark: Mark): Promise<void>;
  /** Aborted when this run has lost its right; its reason is the sentence that says so. */
  readonly lost: AbortSignal;
  /** Ends. Never rejects. */
  release(): Promise<void>;
}

/** How a run names itself. */
export interface RunName {
  readonly run: string;
  /** user@host. */
  readonly by: string;
}

/** What a {@link RunLog} in Kafka is made of. */
export interface RunLogOptions extends RunName {
  readonly session: Pick<ReplaySession, 'producer' | 'follow'>;
  readonly marks: Pick<MarkStore, 'name' | 'write'>;
  /** How the lock stands now. */
  readLock(): Promise<RunLock | null>;
}

/**
 * The marks topic as the log of a run. All its records are in the first partition, whose order decides who runs.
 *
 * @throws {KafkaClientFault} when the topic can't be read
 */
export async function openRunLog({ session, marks, readLock, ...name }: RunLogOptions): Promise<RunLog> {
  const early: Parameters<typeof lease.onRecord>[0][] = [];
  let take = (record: (typeof early)[number]): void => void early.push(record);
  await session.follow(marks.name, (record) => take(record));
  // What is written from here on is read by the session, what was before by this.
  const found = await readLock();
  const lease = createLease({
    ...name,
    found,
    write: (lock) => written(session.producer, lockRecord(marks.name, lock)),
  });
  for (const record of early) lease.onRecord(record);
  take = lease.onRecord;
  return {
    take: lease.take,
    announce: async (letter, mark) => lease.proven(await marks.write(letter, mark)),
    async note(letter, mark) {
      await marks.write(letter, mark);
    },
    lost: lease.lost,
    release: lease.release,
  };
}

function lockRecord(topic: string, lock: RunLock): OutgoingRecord {
  return { topic, partition: 0, key: LOCK_KEY, value: Buffer.from(JSON.stringify(lock)), headers: [] };
}

/** Writes a record. @returns its offset @throws {CommandFailure} with what to do */
function written(producer: Pick<RecordProducer, 'send'>, record: OutgoingRecord): Promise<number> {
  return new Promise((resolve, reject) => {
    producer.send(record, (error, at) =>
      error !== null ? reject(refusedMark(record.topic, error)) : resolve(at?.offset ?? -1),
    );
  });
}
