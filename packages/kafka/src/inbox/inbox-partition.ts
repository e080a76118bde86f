import { createHash } from 'node:crypto';

/** How an instance finds its partition of an inbox topic. */
export interface InboxPartitionOptions {
  /** A partition by configuration, or `all`; undefined: by the instance's name. */
  readonly configured: number | 'all' | undefined;
  /** Name of the instance; `proxy-3` has the ordinal 3, as the pods of a StatefulSet. */
  readonly instanceId: string;
}

/**
 * The partitions of a topic with `count` of them that this instance reads: one, or all.
 *
 * @throws {RangeError} when the configured partition does not exist
 * @example
 * chooseInboxPartitions({ configured: undefined, instanceId: 'proxy-3' }, 12); // [3]
 */
export function chooseInboxPartitions({ configured, instanceId }: InboxPartitionOptions, count: number): number[] {
  if (configured === 'all') return Array.from({ length: count }, (_, partition) => partition);
  if (configured !== undefined) {
    if (configured >= count) {
      throw new RangeError(
        `reply_partition is ${configured}, but the topic has ${count} partitions (0 to ${count - 1})`,
      );
    }
    return [configured];
  }
  return [(ordinal(instanceId) ?? hash(instanceId)) % count];
}

function ordinal(instanceId: string): number | undefined {
  const digits = /-(\d{1,9})$/.exec(instanceId)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function hash(instanceId: string): number {
  return createHash('sha256').update(instanceId).digest().readUInt32BE(0);
}
