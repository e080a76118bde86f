import type { TopicPartition } from '../port/records.js';

/** The next offset to read of a partition, as it is to be committed. */
interface Slot extends TopicPartition {
  offset: number;
  /** It was set, and is not written yet. */
  waits: boolean;
}

/** Offsets that are stored together, once a turn of the event loop. */
export interface OffsetStores {
  /** The last one of a partition in a turn is the one that counts. */
  set(topic: string, partition: number, offset: number): void;
  /** Writes what is set now: before partitions are let go of. */
  flush(): void;
}

/**
 * Gathers offsets for one call a turn: a call for each finished request was 3 µs of its CPU.
 *
 * @param write takes the last offset of each partition of which one was set; must not throw
 * @example
 * const stores = createOffsetStores((offsets) => client.offsetsStore(offsets));
 * stores.set('orders', 3, 43);
 */
export function createOffsetStores(
  write: (offsets: ReadonlyArray<TopicPartition & { readonly offset: number }>) => void,
): OffsetStores {
  // By topic and partition. They stay: nothing here grows or shrinks with each request.
  const slots = new Map<string, (Slot | undefined)[]>();
  let waiting: Slot[] = [];

  const flush = (): void => {
    if (waiting.length === 0) return;
    const now = waiting;
    waiting = [];
    for (const slot of now) slot.waits = false;
    write(now);
  };
  const slotOf = (topic: string, partition: number): Slot => {
    let partitions = slots.get(topic);
    if (partitions === undefined) {
      partitions = [];
      slots.set(topic, partitions);
    }
    const known = partitions[partition];
    if (known !== undefined) return known;
    const fresh = { topic, partition, offset: 0, waits: false };
    partitions[partition] = fresh;
    return fresh;
  };

  return {
    set(topic, partition, offset) {
      const slot = slotOf(topic, partition);
      slot.offset = offset;
      if (slot.waits) return;
      slot.waits = true;
      if (waiting.push(slot) === 1) setImmediate(flush);
    },
    flush,
  };
}
