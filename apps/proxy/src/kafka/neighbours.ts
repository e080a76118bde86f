import type { InboxOwner, TopicPartition } from '@kafka-http-proxy/kafka';
import type { Logger } from '@kafka-http-proxy/service';
import type { Clock } from '@kafka-http-proxy/streams';
import { isPassing } from './passing-instance.js';

/** Who this proxy is, and where it reports others. */
export interface NeighboursOptions {
  readonly instanceId: string;
  /** True where every partition is read by choice: then others are met in each. */
  readonly readsAll: boolean;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  readonly clock: Clock;
}

/** Other proxies that read a partition of ours: right, but slower; with our `instance_id` it is a mistake. */
export interface Neighbours {
  /** A canary of theirs was read. */
  seen(at: TopicPartition, who: InboxOwner): void;
  /** A sentence each, for each that was seen recently. */
  notes(): string[];
}

/** How long others are reported after their last canary, ms. */
const REPORTED_MS = 300_000;
/** Most others that are remembered and reported: anybody may write a canary. */
const MOST = 16;

/**
 * Recognises others by their canaries.
 *
 * @example
 * const neighbours = createNeighbours({ instanceId: 'proxy-0', readsAll: false, logger, clock });
 * neighbours.seen({ topic: 'replies', partition: 3 }, { instance: 'proxy-1', run });
 */
export function createNeighbours({ instanceId, readsAll, logger, clock }: NeighboursOptions): Neighbours {
  const found = new Map<string, { sentence: string; isTwin: boolean; atMs: number }>();
  let reported = 0;

  const forget = (): void => {
    const since = clock.now() - REPORTED_MS;
    for (const [run, { atMs }] of found) if (atMs < since) found.delete(run);
  };
  const twin = ({ topic, partition }: TopicPartition): string =>
    `another proxy has instance_id ${JSON.stringify(instanceId)} too, and reads partition ${partition} of ${topic}: give each proxy its own`;
  const sharer = ({ topic, partition }: TopicPartition, name: string): string =>
    `proxy ${JSON.stringify(name)} reads partition ${partition} of ${topic} too, so each reads the other's replies: that is right, and slower; give ${topic} as many partitions as there are proxies, or each proxy its own reply_partition`;

  return {
    seen(at, { instance, run }) {
      const isTwin = instance === instanceId;
      // Who tries a request by hand is gone before anybody could read of it, and would hide a twin.
      if ((readsAll && !isTwin) || isPassing(instance)) return;
      forget();
      const known = found.get(run);
      if (known !== undefined) {
        known.atMs = clock.now();
        return;
      }
      if (found.size >= MOST) return;
      const sentence = isTwin ? twin(at) : sharer(at, instance);
      const isReported = [...found.values()].some((one) => one.isTwin === isTwin);
      found.set(run, { sentence, isTwin, atMs: clock.now() });
      // One line a kind, however many there are: where proxies are more than partitions, each has some.
      if (isReported || reported >= MOST) return;
      reported++;
      if (isTwin) logger.warn({ instanceId }, sentence);
      else logger.info({ instanceId }, sentence);
    },
    notes() {
      forget();
      return [...new Set([...found.values()].map(({ sentence }) => sentence))];
    },
  };
}
