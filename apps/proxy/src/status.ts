import type { ReplyAddress } from '@kafka-http-proxy/protocol';
import { type ConfigStatus, packageVersion } from '@kafka-http-proxy/service';

/** What a status is made of. */
export interface StatusSources {
  readonly instanceId: string;
  /** Requests that wait for their reply. */
  readonly pending: number;
  /** What is read; a partition of null stands for all. */
  readonly inboxes: readonly ReplyAddress[];
  readonly config: ConfigStatus;
}

const VERSION = packageVersion(import.meta.url);

/** What GET /status answers. */
export function proxyStatus({ instanceId, pending, inboxes, config }: StatusSources): object {
  return {
    version: VERSION,
    instance_id: instanceId,
    uptime_seconds: Math.floor(process.uptime()),
    pending,
    response_topics: Object.fromEntries(inboxes.map(({ topic, partition }) => [topic, partition ?? 'all'])),
    ...config,
  };
}
