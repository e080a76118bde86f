/** How much of a lane may be submitted and not finished before its partitions are paused. */
export interface Backlog {
  readonly records: number;
  readonly bytes: number;
  /** Of all lanes together. */
  readonly totalBytes: number;
}

/** Records above the limit of concurrency that wait here: about half a second of work at full speed. */
const WAITING_RECORDS = 4000;
/** Most memory that waiting bodies may take, in a lane. */
const WAITING_BYTES = 64 * 1024 * 1024;

/** What records may take of the memory for whole things. */
const SHARE = 1 / 2;

/**
 * @param maxActive most requests at the backends at once
 * @param wholeBytes memory for whole things
 */
export function backlogFor(maxActive: number, wholeBytes: number): Backlog {
  const totalBytes = wholeBytes * SHARE;
  return { records: 2 * maxActive + WAITING_RECORDS, bytes: Math.min(WAITING_BYTES, totalBytes / 2), totalBytes };
}
