import { metadata } from '../client/connect.js';
import type { RdAdmin, RdClient } from '../client/librdkafka.js';
import { pause } from '../client/timing.js';
import { endOffsets } from '../consumer/end-offsets.js';
import type { TopicPartition } from '../port/records.js';

/** Until when leaders are waited for. */
export interface Waiting {
  /** Ms since the epoch. */
  readonly endAt: number;
  readonly signal?: AbortSignal;
}

/** How long a question for metadata may take, ms. */
const METADATA_MS = 2000;

/** Between two looks, ms. */
const PAUSE_MS = 50;

/**
 * Asks for the ends of partitions until each leader answers. Metadata names a leader before that takes records: it refuses
 * the first one then, and may take the second, which librdkafka reads as word that it has both. So the first record of a
 * new partition was acknowledged and not there (2.15.1, Kafka 4.1 and 4.3; its delivery report has no offset).
 *
 * @returns false when some leader did not answer in time
 */
export async function leadersServe(
  admin: RdAdmin,
  partitions: readonly TopicPartition[],
  { endAt, signal }: Waiting,
): Promise<boolean> {
  while (Date.now() < endAt && !signal?.aborted) {
    const ends = await endOffsets(admin, partitions, false).catch(() => null);
    if (ends !== null && ends.size === partitions.length) return true;
    await pause(PAUSE_MS, signal);
  }
  return false;
}

/**
 * The partitions of a topic, as soon as it has some: asking for it may create it. None when it does not appear in time;
 * it is asked for at least once.
 *
 * @throws {KafkaClientFault} when no broker answers
 */
export async function appearing(
  client: RdClient,
  topic: string,
  { endAt, signal }: Waiting,
): Promise<TopicPartition[]> {
  for (;;) {
    const found = await metadata(client, topic, METADATA_MS);
    const partitions = found.topics.find(({ name }) => name === topic)?.partitions ?? [];
    if (partitions.length > 0) return partitions.map(({ id }) => ({ topic, partition: id }));
    if (Date.now() >= endAt || signal?.aborted) return [];
    await pause(PAUSE_MS, signal);
  }
}
