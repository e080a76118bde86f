import type { RdAdmin, RdListed } from '../client/librdkafka.js';
import type { TopicPartition } from '../port/records.js';
import { keyOf } from './progress.js';

/** Kafka's ListOffsets: the end of a partition, and its first record. */
const LATEST = { timestamp: -1 };
const EARLIEST = { timestamp: -2 };

const TIMEOUT_MS = 3000;

/**
 * Where partitions end, by `topic/partition`; those whose leader does not say are left out.
 *
 * @param committed whether only what transactions have committed counts (`isolation.level`)
 * @throws {RdError} when no broker answers
 */
export async function endOffsets(
  admin: RdAdmin,
  partitions: readonly TopicPartition[],
  committed: boolean,
): Promise<ReadonlyMap<string, number>> {
  const found = await list(admin, partitions, LATEST, committed);
  return new Map(found.map((at) => [keyOf(at), at.offset]));
}

/** The offset of the first record that a partition still has; undefined when its leader does not say. @throws {RdError} */
export async function firstOffset(admin: RdAdmin, at: TopicPartition): Promise<number | undefined> {
  const [found] = await list(admin, [at], EARLIEST, false);
  return found?.offset;
}

async function list(
  admin: RdAdmin,
  partitions: readonly TopicPartition[],
  offset: { timestamp: number },
  committed: boolean,
): Promise<RdListed[]> {
  const asked = partitions.map(({ topic, partition }) => ({ topic, partition, offset }));
  const options = { timeout: TIMEOUT_MS, isolationLevel: committed ? 1 : 0 } as const;
  const found = await new Promise<RdListed[]>((resolve, reject) => {
    admin.listOffsets(asked, options, (error, listed) => (error ? reject(error) : resolve(listed)));
  });
  return found.filter(({ error, offset: at }) => !error?.code && at >= 0);
}
