/** What is asked for again and again, over so many connections. */
export interface ClosedLoad {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** Length of the body of a POST, bytes; 0: a GET. */
  readonly bodyBytes: number;
  /** Record keys (X-Kafka-Key), of so many in turn; 0: none. */
  readonly keys: number;
  /** What each request says of who asks (Authorization); none when left out. */
  readonly authorization?: string | undefined;
}

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
