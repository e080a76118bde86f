/** What came of one run of a load. */
export interface LoadResult {
  readonly requests: number;
  /** Of those: no answer, or none of 2xx or 3xx. */
  readonly failed: number;
  /** Good answers a second. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/** Of a run without an answer. */
export const NO_LATENCIES = {
  p50Ms: Number.NaN,
  p90Ms: Number.NaN,
  p99Ms: Number.NaN,
  p999Ms: Number.NaN,
  maxMs: Number.NaN,
};
