/** The budget where no limit is known, and the largest default, bytes. */
const MOST_BYTES = 268_435_456;
/** The smallest default, bytes. */
const LEAST_BYTES = 16_777_216;

/**
 * What `memory_budget` is when nobody says: a quarter of the memory that the container may take, so that what
 * Node, the Kafka client and the garbage of the bodies take beside it has its place too; 256 MiB at most.
 *
 * @param limitBytes as the system has it (cgroup version 1 or 2); 0, or more than a machine has: there is none
 */
export function defaultMemoryBudget(limitBytes: number = process.constrainedMemory?.() ?? 0): number {
  if (limitBytes <= 0) return MOST_BYTES;
  return Math.min(MOST_BYTES, Math.max(LEAST_BYTES, Math.floor(limitBytes / 4)));
}
