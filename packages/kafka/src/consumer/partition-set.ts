import type { TopicPartition } from '../port/records.js';

/** A set of partitions with a quick look-up by topic and number. */
export interface PartitionSet {
  has(topic: string, partition: number): boolean;
  add(partitions: readonly TopicPartition[]): void;
  remove(partitions: readonly TopicPartition[]): void;
  clear(): void;
  all(): TopicPartition[];
  readonly size: number;
}

/** An empty set. */
export function createPartitionSet(): PartitionSet {
  const byTopic = new Map<string, Set<number>>();
  return {
    has: (topic, partition) => byTopic.get(topic)?.has(partition) ?? false,
    add(partitions) {
      for (const { topic, partition } of partitions) {
        const known = byTopic.get(topic);
        if (known) known.add(partition);
        else byTopic.set(topic, new Set([partition]));
      }
    },
    remove(partitions) {
      for (const { topic, partition } of partitions) byTopic.get(topic)?.delete(partition);
    },
    clear: () => byTopic.clear(),
    all: () => [...byTopic].flatMap(([topic, numbers]) => [...numbers].map((partition) => ({ topic, partition }))),
    get size() {
      let size = 0;
      for (const numbers of byTopic.values()) size += numbers.size;
      return size;
    },
  };
}
