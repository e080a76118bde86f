import type { TopicPartition } from '../port/records.js';

/** The next offset to read of a partition. */
export interface StoredOffset extends TopicPartition {
  readonly offset: number;
}

/** Gathers offsets that are to be stored. */
export interface OffsetStore {
  /** The next offset to read of a partition. Of several in one turn of the event loop the last one counts. */
  store(topic: string, partition: number, offset: number): void;
  /** Stores what was gathered, now. */
  flush(): void;
}

/**
 * Stores offsets once a turn of the event loop: a call of the client for each request costs a few microseconds, and
 * the client commits several times a second, no more.
 *
 * @param write stores the last offset of each partition; must not throw
 * @example
 * const offsets = createOffsetStore((stored) => client.offsetsStore(stored));
 * offsets.store('orders', 0, 42);
 */
export function createOffsetStore(write: (stored: readonly StoredOffset[]) => void): OffsetStore {
  let gathered: { topic: string; partition: number; offset: number }[] = [];
  const flush = (): void => {
    if (gathered.length === 0) return;
    const stored = gathered;
    gathered = [];
    write(stored);
  };
  return {
    store(topic, partition, offset) {
      // Few partitions end something in one turn, so that a look through them is quick.
      for (const one of gathered) {
        if (one.partition !== partition || one.topic !== topic) continue;
        one.offset = offset;
        return;
      }
      if (gathered.length === 0) setImmediate(flush);
      gathered.push({ topic, partition, offset });
    },
    flush,
  };
}
