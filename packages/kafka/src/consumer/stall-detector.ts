import type { PartitionSet } from './partition-set.js';
import type { ConsumerStatistics } from './statistics.js';

/** Periods without statistics after which reading is dead: polls are what serves them. */
const SILENT_PERIODS = 3;

/** Statistics in a row with records fetched and none handed over after which reading is dead. */
const STUCK_STATISTICS = 2;

/** Decides that nothing reads a consumer any more, from its statistics and a timer of the same period. */
export interface StallDetector {
  /** A record was handed over. */
  record(): void;
  /** Statistics came: a reason to give the consumer up, or null. */
  statistics(found: ConsumerStatistics): string | null;
  /** A period is over: a reason to give the consumer up, or null. */
  period(): string | null;
}

/** Watches one consumer. What is paused may stand still. */
export function createStallDetector(assigned: PartitionSet, paused: PartitionSet): StallDetector {
  let records = 0;
  let stuck = 0;
  let silent = 0;
  return {
    record() {
      records++;
    },
    statistics({ partitions }) {
      silent = 0;
      const waiting = partitions.some(
        ({ topic, partition, fetched }) =>
          fetched > 0 && assigned.has(topic, partition) && !paused.has(topic, partition),
      );
      stuck = waiting && records === 0 ? stuck + 1 : 0;
      records = 0;
      return stuck >= STUCK_STATISTICS ? 'records were fetched and not handed over' : null;
    },
    // Periods are counted, not measured: after a blocked event loop the timer fires once.
    period() {
      silent++;
      return silent > SILENT_PERIODS ? 'the reading loop gave no sign of life' : null;
    },
  };
}
