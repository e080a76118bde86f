import type { RdAdmin, RdListed } from '../client/librdkafka.js';
import { listOffsets } from '../client/list-offsets.js';
import type { TopicPartition } from '../port/records.js';
import { keyOf } from './progress.js';

/** Kafka's ListOffsets: the end of a partition, and its first record. */
const LATEST = -1;
const EARLIEST = -2;

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
  timestamp: number,
  committed: boolean,
): Promise<RdListed[]> {
  const found = await listOffsets(admin, partitions, timestamp, { committed, timeoutMs: TIMEOUT_MS });
  return found.filter(({ offset }) => offset >= 0);
}
