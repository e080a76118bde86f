import { randomUUID } from 'node:crypto';
import { chooseInboxPartitions, type InboxReaderOptions } from '@kafka-http-proxy/kafka';
import type { ProxyConfig } from '@kafka-http-proxy/protocol';
import type { Logger } from '@kafka-http-proxy/service';
import type { Clock } from '@kafka-http-proxy/streams';
import { createNeighbours } from './neighbours.js';

/** Which partitions of the response topics this proxy reads, and who else reads them. */
export interface OwnInbox extends Pick<InboxReaderOptions, 'choosePartitions' | 'owner' | 'onNeighbour'> {
  /** What is wrong with who reads the same partitions: a sentence each. */
  notes(): string[];
}

/** What names this proxy's inbox. */
export interface OwnInboxOptions {
  readonly config: Pick<ProxyConfig, 'wire' | 'reply_partition'>;
  readonly instanceId: string;
  readonly logger: Logger;
  readonly clock: Clock;
}

/**
 * @example
 * const inbox = createOwnInbox({ config, instanceId: 'proxy-0', logger, clock: systemClock });
 * inbox.choosePartitions('common-responses', 6); // [4]
 */
export function createOwnInbox({ config, instanceId, logger, clock }: OwnInboxOptions): OwnInbox {
  // A processor of 1.0.1 knows no partitions, so its replies may be in any of them.
  const configured = config.wire === 'v1' ? 'all' : config.reply_partition;
  const neighbours = createNeighbours({ instanceId, readsAll: configured === 'all', logger, clock });
  return {
    choosePartitions: (_topic, count) => chooseInboxPartitions({ configured, instanceId }, count),
    owner: { instance: instanceId, run: randomUUID() },
    onNeighbour: neighbours.seen,
    notes: neighbours.notes,
  };
}
