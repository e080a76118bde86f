import type { TopicPartition } from '../port/records.js';
import { createPartitionSet, type PartitionSet } from './partition-set.js';
import type { ConsumerStatistics } from './statistics.js';

/** Looks in a row at which a partition stood still, with records to fetch, after which the client is recreated. */
const STILL_LOOKS = 3;

/** Looks in a row without a broker, or without the group's coordinator, after which others are asked. */
const LOST_LOOKS = 3;

/** Decides that a consumer is alive and does nothing: what it was given has records that it does not fetch. */
export interface Progress {
  /** A record was handed over. */
  record(at: TopicPartition): void;
  /** Statistics came. Resolves with a reason to recreate the consumer, or null; null too while an answer is waited for. */
  look(found: ConsumerStatistics): Promise<string | null>;
}

/** What progress is judged by. */
export interface ProgressOptions {
  /** What may be read from. */
  readonly assigned: PartitionSet;
  readonly paused: PartitionSet;
  /** Where these end, by `topic/partition`; those whose leader does not say are left out. May reject. */
  readonly endsOf: (partitions: readonly TopicPartition[]) => Promise<ReadonlyMap<string, number>>;
  /** Whether another client reaches Kafka. */
  readonly isReachable: () => Promise<boolean>;
}

interface Standing {
  readonly next: number;
  looks: number;
}

/** Watches one consumer, from its statistics and records. */
export function createProgress({ assigned, paused, endsOf, isReachable }: ProgressOptions): Progress {
  let standing = new Map<string, Standing>();
  const moved = createPartitionSet();
  let lost = 0;
  let looking = false;

  const standstill = async (found: ConsumerStatistics): Promise<string | null> => {
    const still = found.partitions.filter(
      ({ topic, partition, fetched }) =>
        fetched === 0 &&
        assigned.has(topic, partition) &&
        !paused.has(topic, partition) &&
        !moved.has(topic, partition),
    );
    moved.clear();
    const ends = still.length === 0 ? new Map<string, number>() : await endsOf(still);
    const before = standing;
    standing = new Map();
    for (const at of still) {
      const key = keyOf(at);
      const end = ends.get(key);
      // One that was never fetched from stands still even where there is nothing: it would not see what comes.
      if (end === undefined || moved.has(at.topic, at.partition) || at.next === end) continue;
      const known = before.get(key);
      const looks = known?.next === at.next ? known.looks + 1 : 1;
      standing.set(key, { next: at.next, looks });
      if (looks >= STILL_LOOKS) {
        return `${key} ends at ${end}, and ${at.next < 0 ? 'nothing is fetched of it' : `it stands still at ${at.next}`}`;
      }
    }
    return null;
  };

  const outOfSight = async ({ reachable, coordinated }: ConsumerStatistics): Promise<string | null> => {
    lost = reachable && coordinated ? 0 : lost + 1;
    if (lost < LOST_LOOKS || !(await isReachable())) return null;
    return reachable ? 'it does not find the coordinator of its group' : 'Kafka can be reached, but not by this client';
  };

  return {
    record({ topic, partition }) {
      if (!moved.has(topic, partition)) moved.add([{ topic, partition }]);
    },
    async look(found) {
      if (looking) return null;
      looking = true;
      try {
        return (await outOfSight(found)) ?? (await standstill(found));
      } catch {
        // Kafka is away.
        return null;
      } finally {
        looking = false;
      }
    },
  };
}

/** A partition as a key of maps: `orders/3`. */
export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
