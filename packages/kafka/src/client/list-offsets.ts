import type { TopicPartition } from '../port/records.js';
import type { RdAdmin, RdListed } from './librdkafka.js';

/** How partitions are looked at. */
export interface ListOffsetsOptions {
  /** Whether only what transactions have committed counts (`isolation.level`). */
  readonly committed: boolean;
  readonly timeoutMs: number;
}

/**
 * Kafka's ListOffsets: an offset for each partition whose leader answers.
 *
 * @param timestamp ms since the epoch; -1 the end, -2 the first record. An offset of -1: no record is that young
 * @throws {RdError} when no broker answers
 */
export async function listOffsets(
  admin: RdAdmin,
  partitions: readonly TopicPartition[],
  timestamp: number,
  { committed, timeoutMs }: ListOffsetsOptions,
): Promise<RdListed[]> {
  const asked = partitions.map(({ topic, partition }) => ({ topic, partition, offset: { timestamp } }));
  const options = { timeout: timeoutMs, isolationLevel: committed ? 1 : 0 } as const;
  const found = await new Promise<RdListed[]>((resolve, reject) => {
    admin.listOffsets(asked, options, (error, listed) => (error ? reject(error) : resolve(listed)));
  });
  return found.filter(({ error }) => !error?.code);
}
