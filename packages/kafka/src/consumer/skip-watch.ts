import type { TopicPartition } from '../port/records.js';
import type { MovedOffset } from '../port/request-consumer.js';
import type { StartOffset } from './start-offsets.js';

/** Notices records that nobody will read: Kafka deleted them before their turn came. */
export interface SkipWatch {
  begun(starts: readonly StartOffset[]): void;
  record(at: TopicPartition & { readonly offset: number }): void;
}

/** What a watch for skipped records asks, and whom it calls. */
export interface SkipWatchOptions {
  /** The offset of the first record that a partition still has; undefined when it is not known. May reject. */
  readonly firstOf: (at: TopicPartition) => Promise<number | undefined>;
  readonly tell: (moved: MovedOffset) => void;
}

/** Offsets have gaps without anything missing (compaction, the marks of transactions): a gap is looked at, not believed. */
export function createSkipWatch({ firstOf, tell }: SkipWatchOptions): SkipWatch {
  /** The offset that is expected next, by topic and partition. */
  const expected = new Map<string, number[]>();

  const look = async ({ topic, partition, offset }: TopicPartition & { offset: number }, from: number) => {
    const first = await firstOf({ topic, partition }).catch(() => undefined);
    if (first === undefined || first <= from) return;
    tell({ topic, partition, why: 'retention', from, to: Math.min(first, offset) });
  };

  return {
    begun(starts) {
      for (const { topic, partition, committed, foreign } of starts) {
        const partitions = expected.get(topic) ?? [];
        expected.set(topic, partitions);
        partitions[partition] = committed ?? -1;
        if (foreign !== undefined) tell({ topic, partition, why: 'another_topic', from: foreign });
      }
    },
    record({ topic, partition, offset }) {
      const partitions = expected.get(topic);
      if (partitions === undefined) return;
      const from = partitions[partition] ?? -1;
      partitions[partition] = offset + 1;
      if (from >= 0 && offset > from) void look({ topic, partition, offset }, from);
    },
  };
}
