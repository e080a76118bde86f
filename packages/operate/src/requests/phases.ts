/** What is known of one request that was answered, on the clocks of three machines. */
export interface Observed {
  /** When its record was handed to Kafka, ms since the epoch of this machine. */
  readonly sentMs: number;
  /** From then until Kafka had it, ms. */
  readonly publishMs: number;
  /** When the first record of its reply was read, ms since the epoch of this machine. */
  readonly repliedMs: number;
  /** Timestamp of that record, ms since the epoch: of the processor's clock, or of the broker's. */
  readonly recordMs: number;
  /** What the processor says it took, from taking the request up to its reply, ms; null: it does not say. */
  readonly tookMs: number | null;
}

/** Where the time of a request went, ms, each from the end of the one before. */
export interface Phases {
  /** Until Kafka had the request. */
  readonly publish: number;
  /** Until a processor took it up; null: it can't be told from what is beside it. */
  readonly queue: number | null;
  /** At the processor and its backend; null: the processor does not say. */
  readonly backend: number | null;
  /** From the processor back to here; null: as for `queue`. */
  readonly reply: number | null;
}

/** Clocks that are set well differ by this at most, ms: less than nothing is nothing then. */
const CLOCKS_MS = 2;

/**
 * Works out where the time went. The way to the processor and the way back are told apart by the clock of another
 * machine: where that can't be right, neither is said.
 */
export function phasesOf({ sentMs, publishMs, repliedMs, recordMs, tookMs }: Observed): Phases {
  const publish = publishMs;
  // Kafka may have handed the record over before its acknowledgement came back.
  const rest = Math.max(0, repliedMs - sentMs - publishMs);
  if (tookMs === null) return { publish, queue: null, backend: null, reply: null };
  const reply = repliedMs - recordMs;
  const queue = rest - tookMs - reply;
  // An acknowledgement that came late has taken its time from the queue.
  const known = reply >= -CLOCKS_MS && queue >= -CLOCKS_MS - 1 - publishMs;
  return {
    publish,
    queue: known ? Math.max(0, queue) : null,
    backend: tookMs,
    reply: known ? Math.max(0, reply) : null,
  };
}
