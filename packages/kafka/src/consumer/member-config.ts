import type { RdConfig } from '../client/librdkafka.js';
import { clientConfig } from '../client/settings.js';
import type { RequestConsumerOptions } from '../port/request-consumer.js';
import type { KafkaSettings } from '../port/settings.js';

/** How often statistics come when the caller does not say, ms. */
export const STATISTICS_MS = 5000;

/** Fetched ahead by a consumer when nobody says, bytes. */
const PREFETCH_BYTES = 16 * 1024 * 1024;
/** Less than a record of usual size would make each a fetch of its own, bytes. */
const LEAST_PREFETCH_BYTES = 1024 * 1024;

function groupConfig({
  maxPrefetchBytes = PREFETCH_BYTES,
  isolationLevel = 'read_committed',
}: Pick<RequestConsumerOptions, 'maxPrefetchBytes' | 'isolationLevel'>): RdConfig {
  const bytes = Math.min(PREFETCH_BYTES, Math.max(LEAST_PREFETCH_BYTES, maxPrefetchBytes));
  return { ...GROUP_CONFIG, 'queued.max.messages.kbytes': Math.floor(bytes / 1024), 'isolation.level': isolationLevel };
}

/** The configuration of such a consumer, without its callbacks. */
export function memberConfig(
  settings: KafkaSettings,
  options: Pick<RequestConsumerOptions, 'group' | 'statisticsMs' | 'maxPrefetchBytes' | 'isolationLevel'>,
): RdConfig {
  return clientConfig(settings, 'request_consumer', groupConfig(options), {
    'group.id': options.group,
    'enable.auto.commit': true,
    'enable.auto.offset.store': false,
    'statistics.interval.ms': options.statisticsMs ?? STATISTICS_MS,
  });
}

const GROUP_CONFIG = {
  'partition.assignment.strategy': 'cooperative-sticky',
  'session.timeout.ms': 10_000,
  // A member learns of a rebalance by its heartbeat: what is handed over stands still until then.
  'heartbeat.interval.ms': 1000,
  'max.poll.interval.ms': 60_000,
  // What was finished in this time is done again when the process is killed.
  'auto.commit.interval.ms': 250,
  // A request that nobody waits for any more is seen by its deadline and skipped.
  'auto.offset.reset': 'earliest',
  // New topics and partitions are noticed in this time.
  'topic.metadata.refresh.interval.ms': 10_000,
  'fetch.wait.max.ms': 100,
  'fetch.queue.backoff.ms': 5,
  'fetch.error.backoff.ms': 50,
  'queued.min.messages': 1000,
};
