/** First backoff, ms; it doubles with each attempt. */
const BASE_DELAY_MS = 100;
/** Longest backoff, ms. */
export const MAX_DELAY_MS = 5_000;

/** What the decision about a further attempt rests on. */
export interface RetryFacts {
  /** Attempts made, 1 after the first. */
  readonly attempts: number;
  /** Attempts allowed in all. */
  readonly maxAttempts: number;
  /** False when nothing of the request can have reached the backend. */
  readonly sent: boolean;
  /** True when the request may be sent twice: its method says so, or it has an Idempotency-Key. */
  readonly repeatable: boolean;
  readonly nowMs: number;
  /** When nobody waits any longer, ms since the epoch. */
  readonly deadlineMs: number;
}

/**
 * Ms to wait before the next attempt, or null when there is to be none: attempts used up, not
 * repeatable, or it would start past the deadline.
 *
 * Exponential with full jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/):
 * any wait up to the bound is as likely, so that requests which failed together do not return together.
 *
 * @param random a number of 0 to 1, 1 excluded
 */
export function retryDelay(facts: RetryFacts, random: () => number = Math.random): number | null {
  if (facts.attempts >= facts.maxAttempts) return null;
  if (facts.sent && !facts.repeatable) return null;
  const delayMs = backoff(facts.attempts, random);
  return facts.nowMs + delayMs < facts.deadlineMs ? delayMs : null;
}

/** Full-jitter backoff after the `attempts`-th try, whole ms. */
export function backoff(attempts: number, random: () => number = Math.random): number {
  // 2 ** 30 is far above the cap, and Infinity * 0 would be NaN.
  const bound = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** Math.min(attempts - 1, 30));
  return Math.floor(random() * bound);
}
