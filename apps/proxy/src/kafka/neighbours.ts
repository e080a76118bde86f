import type { InboxOwner, TopicPartition } from '@kafka-http-proxy/kafka';
import type { Logger } from '@kafka-http-proxy/service';
import type { Clock } from '@kafka-http-proxy/streams';

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
  /** A sentence each, as long as they were seen of late. */
  notes(): string[];
}

/** How long after the last canary it is told, ms. */
const TOLD_MS = 300_000;
/** Most others that are kept in mind, and told of: anybody may write a canary. */
const MOST = 16;

export function createNeighbours({ instanceId, readsAll, logger, clock }: NeighboursOptions): Neighbours {
  const found = new Map<string, { sentence: string; isTwin: boolean; atMs: number }>();
  let told = 0;

  const forget = (): void => {
    const since = clock.now() - TOLD_MS;
    for (const [run, { atMs }] of found) if (atMs < since) found.delete(run);
  };
  const twin = ({ topic, partition }: TopicPartition): string =>
    `another proxy has instance_id ${JSON.stringify(instanceId)} too, and reads partition ${partition} of ${topic}: give each proxy its own`;
  const sharer = ({ topic, partition }: TopicPartition, name: string): string =>
    `proxy ${JSON.stringify(name)} reads partition ${partition} of ${topic} too, so each reads the other's replies: that is right, and slower; give ${topic} as many partitions as there are proxies, or each proxy its own reply_partition`;

  return {
    seen(at, { instance, run }) {
      const isTwin = instance === instanceId;
      if (readsAll && !isTwin) return;
      forget();
      const known = found.get(run);
      if (known !== undefined) {
        known.atMs = clock.now();
        return;
      }
      if (found.size >= MOST) return;
      const sentence = isTwin ? twin(at) : sharer(at, instance);
      const isTold = [...found.values()].some((one) => one.isTwin === isTwin);
      found.set(run, { sentence, isTwin, atMs: clock.now() });
      // One line a kind, however many there are: where proxies are more than partitions, each has some.
      if (isTold || told >= MOST) return;
      told++;
      if (isTwin) logger.warn({ instanceId }, sentence);
      else logger.info({ instanceId }, sentence);
    },
    notes() {
      forget();
      return [...new Set([...found.values()].map(({ sentence }) => sentence))];
    },
  };
}
