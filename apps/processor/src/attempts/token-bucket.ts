/** Seconds' worth of tokens that a quiet bucket saves up: enough to even out jitter, too little for a burst. */
const BURST_SECONDS = 0.1;

/**
 * A token bucket: at most `ratePerSecond` a second on average, and a tenth of a second's worth (one
 * at least) at once. Pure: the time comes with each call.
 */
export class TokenBucket {
  readonly #perMs: number;
  readonly #capacity: number;
  #tokens: number;
  #atMs: number;

  /** @param ratePerSecond above 0; fractions work (0.5 is one in two seconds) */
  constructor(ratePerSecond: number, nowMs: number) {
    this.#perMs = ratePerSecond / 1000;
    this.#capacity = Math.max(1, ratePerSecond * BURST_SECONDS);
    this.#tokens = this.#capacity;
    this.#atMs = nowMs;
  }

  /** Takes a token, or says in how many ms (rounded up) there will be one. 0 means it was taken. */
  take(nowMs: number): number {
    this.#fill(nowMs);
    // A sum of many small fractions may stop a hair short of one.
    if (this.#tokens >= 1 - 1e-9) {
      this.#tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil((1 - this.#tokens) / this.#perMs));
  }

  /** Takes a token that may not be there yet and says after how many ms it may be used. */
  reserve(nowMs: number): number {
    this.#fill(nowMs);
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : Math.ceil(-this.#tokens / this.#perMs);
  }

  #fill(nowMs: number): void {
    // A clock that was set back gives nothing, and takes nothing away.
    if (nowMs > this.#atMs) this.#tokens = Math.min(this.#capacity, this.#tokens + (nowMs - this.#atMs) * this.#perMs);
    this.#atMs = nowMs;
  }
}
