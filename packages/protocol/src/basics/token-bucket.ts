/**
 * How fast tokens come, and how many are saved up. What one bucket holds is a single number, the time at which it will
 * be full (the generic cell rate algorithm): a bucket that is not there is full, and all that is past is.
 *
 * @example
 * const rate = new TokenRate(100, 100);
 * if (rate.waitMs(fullAtMs, nowMs) === 0) fullAtMs = rate.take(fullAtMs, nowMs);
 */
export class TokenRate {
  /** Between two tokens, ms. */
  readonly #everyMs: number;
  /** From empty to full, ms. */
  readonly #fillMs: number;

  /**
   * @param ratePerSecond above 0; fractions work (0.5 is one in two seconds)
   * @param capacity tokens that a quiet bucket saves up, at least 1
   */
  constructor(ratePerSecond: number, capacity: number) {
    this.#everyMs = 1000 / ratePerSecond;
    this.#fillMs = this.#everyMs * capacity;
  }

  /** Ms until there is a token, rounded up; 0: there is one. */
  waitMs(fullAtMs: number, nowMs: number): number {
    const missingMs = this.#everyMs - this.#heldMs(fullAtMs, nowMs);
    return missingMs <= this.#hair ? 0 : Math.max(1, Math.ceil(missingMs - this.#hair));
  }

  /** Whole tokens that are there. */
  tokens(fullAtMs: number, nowMs: number): number {
    return Math.max(0, Math.floor((this.#heldMs(fullAtMs, nowMs) + this.#hair) / this.#everyMs));
  }

  /** Takes a token, whether it is there or not. @returns when the bucket will be full then */
  take(fullAtMs: number, nowMs: number): number {
    return Math.max(fullAtMs, nowMs) + this.#everyMs;
  }

  /** Ms until a token may be used that was taken before it was there. */
  debtMs(fullAtMs: number, nowMs: number): number {
    const heldMs = this.#heldMs(fullAtMs, nowMs);
    return heldMs >= -this.#hair ? 0 : Math.ceil(-heldMs);
  }

  /** What is in the bucket, as the time that it took to come; below 0 where more was taken. */
  #heldMs(fullAtMs: number, nowMs: number): number {
    return this.#fillMs - Math.max(0, fullAtMs - nowMs);
  }

  /** A sum of many small fractions may stop a hair short of a token. */
  get #hair(): number {
    return this.#everyMs * 1e-6;
  }
}

/** Seconds' worth of tokens that a quiet bucket saves up where nothing is said of it: it evens out jitter. */
const BURST_SECONDS = 0.1;

/**
 * One token bucket: at most `ratePerSecond` a second on average, and at most its capacity at once. Pure: the time comes
 * with each call.
 *
 * @example
 * const bucket = new TokenBucket(200);
 * const waitMs = bucket.take(clock.now());
 */
export class TokenBucket {
  readonly #rate: TokenRate;
  #fullAtMs = Number.NEGATIVE_INFINITY;
  #atMs = Number.NEGATIVE_INFINITY;

  /**
   * @param ratePerSecond above 0; fractions work
   * @param capacity left out: a tenth of a second's worth, 1 at least; too little for a burst
   */
  constructor(ratePerSecond: number, capacity: number = Math.max(1, ratePerSecond * BURST_SECONDS)) {
    this.#rate = new TokenRate(ratePerSecond, capacity);
  }

  /** Takes a token, or says in how many ms (rounded up) there will be one. 0 means it was taken. */
  take(nowMs: number): number {
    this.#goTo(nowMs);
    const waitMs = this.#rate.waitMs(this.#fullAtMs, nowMs);
    if (waitMs === 0) this.#fullAtMs = this.#rate.take(this.#fullAtMs, nowMs);
    return waitMs;
  }

  /** Takes a token that may not be there yet and says after how many ms it may be used. */
  reserve(nowMs: number): number {
    this.#goTo(nowMs);
    this.#fullAtMs = this.#rate.take(this.#fullAtMs, nowMs);
    return this.#rate.debtMs(this.#fullAtMs, nowMs);
  }

  /** A clock that was set back gives nothing, and takes nothing away. */
  #goTo(nowMs: number): void {
    if (nowMs < this.#atMs) this.#fullAtMs -= this.#atMs - nowMs;
    this.#atMs = nowMs;
  }
}
