import type { TopicPartition } from '@kafka-http-proxy/kafka';
import { type Logger, within } from '@kafka-http-proxy/service';
import type { Clock } from '@kafka-http-proxy/streams';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import type { Assignments } from './assignment.js';

export interface RebalanceOptions {
  readonly assignments: Assignments;
  readonly dispatcher: Pick<Dispatcher, 'drop' | 'pausedBy'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info'>;
  /** How long running work may hold a partition that goes to another member, ms. */
  readonly drainMs: () => number;
  /** Reads nothing more of a partition that just came. */
  pause(topic: string, partitions: readonly number[]): void;
}

/** What happens when partitions come and go. */
export interface Rebalance {
  assigned(partitions: readonly TopicPartition[]): void;
  /** Takes nothing more, drops what is queued, waits for what runs; then the partitions are no longer ours. */
  revoked(partitions: readonly TopicPartition[], lost: boolean): Promise<void>;
}

/**
 * Makes what is done when partitions come and go.
 *
 * @example
 * const { assigned, revoked } = createRebalance({ assignments, dispatcher, clock, logger, drainMs: () => 28_000, pause });
 * assigned([{ topic: 'requests', partition: 0 }]);
 */
export function createRebalance(options: RebalanceOptions): Rebalance {
  const { assignments, dispatcher, clock, logger, drainMs } = options;
  return {
    assigned(partitions) {
      tell(logger, partitions, 'partitions came');
      for (const { topic, partition } of partitions) {
        assignments.open(topic, partition, clock.now());
        if (dispatcher.pausedBy(topic).length > 0) options.pause(topic, [partition]);
      }
    },
    async revoked(partitions, lost) {
      tell(logger, partitions, lost ? 'partitions were lost: they are another member’s' : 'partitions go');
      const going = partitions.flatMap(({ topic, partition }) => assignments.close(topic, partition) ?? []);
      for (const assignment of going) dispatcher.drop(assignment);
      const idle = Promise.all(going.map((assignment) => assignment.whenIdle()));
      if (!lost) await within(drainMs(), idle, (delayMs, task) => clock.after(delayMs, task));
      const unfinished = going.reduce((sum, assignment) => sum + assignment.running, 0);
      for (const assignment of going) assignment.release();
      if (unfinished > 0) {
        logger.info({ partitions: going.length, unfinished, lost }, 'partitions went with requests unfinished');
      }
    },
  };
}

/** One line, however many they are. */
function tell(logger: Pick<Logger, 'info'>, partitions: readonly TopicPartition[], what: string): void {
  if (partitions.length === 0) return;
  const named: Record<string, string> = {};
  for (const topic of new Set(partitions.map((one) => one.topic))) {
    const numbers = partitions.filter((one) => one.topic === topic).map(({ partition }) => partition);
    named[topic] = numbers.sort((a, b) => a - b).join(',');
  }
  logger.info({ partitions: named }, what);
}
