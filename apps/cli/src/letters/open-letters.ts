import type { KafkaInspector, OffsetRange } from '@kafka-http-proxy/kafka';
import { type FoundLetter, judge, markOf, readLetter, type StoredRecord, viewOf } from '@kafka-http-proxy/operate';
import { type Connection, withInspector } from '../connection/connection.js';
import type { MarkReading, MarkStore } from '../marks/mark-store.js';
import { openMarks } from '../marks/open-marks.js';
import { CommandFailure } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import { collectSooner } from './collect-sooner.js';
import { deadLetterTopicOf, type LetterFlags, maxReplaysOf } from './options.js';

/** The letters of a topic as they were when this was opened: later ones belong to another run. */
export interface Letters {
  readonly topic: string;
  readonly inspector: KafkaInspector;
  readonly marks: MarkStore;
  /** From the first letter to the end, a partition each; empty ones are left out. */
  readonly ranges: readonly Required<OffsetRange>[];
  /** So many records may be there at most: transactions and compaction leave gaps. */
  readonly size: number;
  /** Reads one as what it is, judged by its mark. */
  find(record: StoredRecord): FoundLetter;
  /**
   * Reads all, a partition in order, and hands them over one by one. Resolves at their ends, or when the signal is
   * aborted. @throws {KafkaClientFault} when a partition can't be read; what `onLetter` throws
   */
  scan(
    onLetter: (found: FoundLetter) => void | Promise<void>,
    options?: { readonly ranges?: readonly OffsetRange[]; readonly signal?: AbortSignal },
  ): Promise<void>;
}

/**
 * Opens the letters for the time of some work: end offsets are taken first, then marks are read to their end, then
 * letters are read.
 *
 * @throws {CommandFailure} when there is no such topic, or it can't be read; {KafkaClientFault}; what the work throws
 * @example
 * await withOpenLetters(connection, host, flags, async ({ scan }) => scan((found) => rows.push(letterRow(found))));
 */
export async function withOpenLetters<T>(
  connection: Connection,
  host: Host,
  flags: LetterFlags,
  work: (letters: Letters) => Promise<T>,
  reading: Omit<MarkReading, 'isThere'> = {},
): Promise<T> {
  const topic = deadLetterTopicOf(flags, connection.tiers);
  const maxReplays = maxReplaysOf(flags);
  collectSooner();
  return await withInspector(connection, host, async (inspector) => {
    const { ranges, isThere } = await rangesOf(inspector, topic);
    const { settings } = connection;
    const { state } = flags;
    const marks = await openMarks(
      { settings, inspector, deadLetterTopic: topic, state },
      { ...reading, isThere, signal: host.signal },
    );
    try {
      const find = (record: StoredRecord): FoundLetter => {
        const view = viewOf(record);
        const letter = view.letter ?? readLetter(record);
        const mark = markOf(marks.all(), letter);
        return { view, letter, mark, judgement: judge(letter, mark, { maxReplays }) };
      };
      return await work({
        topic,
        inspector,
        marks,
        ranges,
        size: ranges.reduce((sum, { from, to }) => sum + to - from, 0),
        find,
        scan: (onLetter, { ranges: some = ranges, signal } = {}) =>
          inspector.read(some, (record) => onLetter(find(record)), signal && { signal }),
      });
    } finally {
      await marks.close();
    }
  });
}

async function rangesOf(inspector: KafkaInspector, topic: string) {
  const [denied] = await inspector.denied([{ resource: 'topic', name: topic, operations: ['Read'] }]).catch(() => []);
  if (denied) {
    throw new CommandFailure(`Kafka denies Read on ${topic}. Have it granted by
  kafka-acls --add --allow-principal 'User:<principal>' --operation Read --topic ${topic}`);
  }
  const partitions = (await inspector.cluster()).topics.get(topic);
  if (partitions === undefined) throw new CommandFailure(`There is no topic ${topic}`);
  const at = partitions.map(({ partition }) => ({ topic, partition }));
  // The ends first: what is written from now on is another run's.
  const ends = await inspector.offsets(at, 'end');
  const starts = new Map((await inspector.offsets(at, 'start')).map(({ partition, offset }) => [partition, offset]));
  const ranges = ends.map(({ partition, offset: to }) => ({ topic, partition, from: starts.get(partition) ?? to, to }));
  const silent = at.filter(({ partition }) => !ranges.some((range) => range.partition === partition));
  if (silent.length > 0) {
    const names = silent.map(({ partition }) => partition).join(', ');
    throw new CommandFailure(`${topic}: no leader answers for partition ${names}: its letters can't be seen now`);
  }
  return {
    ranges: ranges.filter(({ from, to }) => from < to),
    // Marks written from now on may be about later letters.
    isThere: ({ partition, offset }: { partition: number; offset: number }) => offset >= (starts.get(partition) ?? 0),
  };
}
