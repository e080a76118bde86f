/** How much of a lane may be submitted and not finished before its partitions are paused. */
export interface Backlog {
  readonly records: number;
  /** About what they take in memory; all lanes together may take twice as much. */
  readonly bytes: number;
}

/** Records above the limit of concurrency that wait here: about half a second of work at full speed. */
const WAITING_RECORDS = 4000;
/** Of the memory for whole things, what one kind of them may take (`MemoryBudget`): here records. */
const RECORDS_SHARE = 3 / 4;

/**
 * @param maxActive most requests at the backends at once
 * @param wholeBytes what the process may hold of whole things (`MemoryBudget.wholeBytes`)
 */
export function backlogFor(maxActive: number, wholeBytes: number): Backlog {
  return { records: 2 * maxActive + WAITING_RECORDS, bytes: (wholeBytes * RECORDS_SHARE) / 2 };
}
