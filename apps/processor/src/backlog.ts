/** How much of a lane may be submitted and not finished before its partitions are paused. */
export interface Backlog {
  readonly records: number;
  readonly bytes: number;
}

/** Records above the limit of concurrency that wait here: about half a second of work at full speed. */
const WAITING_RECORDS = 4000;
/** Most memory that waiting bodies may take, in a lane. */
const WAITING_BYTES = 64 * 1024 * 1024;

/** @param maxActive most requests at the backends at once */
export function backlogFor(maxActive: number): Backlog {
  return { records: 2 * maxActive + WAITING_RECORDS, bytes: WAITING_BYTES };
}
