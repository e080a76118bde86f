import type { Finding, PartitionLag } from '@kafka-http-proxy/operate';

/** A group's way through one topic, seen twice. */
export interface Reading {
  readonly topic: string;
  readonly group: string;
  readonly before: readonly PartitionLag[];
  readonly after: readonly PartitionLag[];
  /** After this a request is waited for by nobody, ms. */
  readonly patienceMs: number;
}

/**
 * Whether somebody reads a topic. Members of a group can't be asked for safely, so it is told by what stands still:
 * a request that nobody waits for any more, and that is not done, means that nobody reads.
 */
export function judgeReading({ topic, group, before, after, patienceMs }: Reading): Finding {
  if (after.length === 0) return { state: 'skip', what: `${topic} is not there, or its partitions have no leader` };
  const committed = (lags: readonly PartitionLag[], partition: number) =>
    lags.find((lag) => lag.partition === partition)?.committed ?? null;
  const still = after.filter(({ partition, lag, committed: now }) => lag > 0 && now === committed(before, partition));
  const stuck = still.filter(({ ageMs }) => ageMs !== null && ageMs > patienceMs);
  const waiting = after.reduce((sum, { lag }) => sum + lag, 0);
  if (stuck.length > 0) {
    const records = stuck.reduce((sum, { lag }) => sum + lag, 0);
    const where = stuck.map(({ partition }) => partition).join(', ');
    const oldest = Math.max(...stuck.map(({ ageMs }) => ageMs ?? 0));
    const never = stuck.every(({ committed: now }) => now === null);
    const how = never ? 'has never committed anything there' : 'stands still there';
    return {
      state: 'FAIL',
      what: `no processor reads partition ${where} of ${topic}: ${records} records wait, the first for ${Math.round(oldest / 1000)} s, and group ${group} ${how}`,
      blocks: false,
    };
  }
  if (still.length > 0) {
    return {
      state: 'warn',
      what: `${topic}: group ${group} has done none of ${waiting} records in the last 2 s; they may be slow`,
    };
  }
  if (waiting > 0) return { state: 'ok', what: `${topic}: group ${group} moves, ${waiting} records wait` };
  if (after.every(({ committed: now }) => now === null)) {
    return {
      state: 'skip',
      what: `${topic}: nothing was ever read by group ${group} and nothing waits: whether anybody reads is not known`,
    };
  }
  return { state: 'ok', what: `${topic}: group ${group} has done all there is` };
}
