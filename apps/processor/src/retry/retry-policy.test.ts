import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoff, MAX_DELAY_MS, type RetryFacts, retryDelay } from './retry-policy.js';

const facts: RetryFacts = {
  attempts: 1,
  maxAttempts: 3,
  sent: true,
  repeatable: true,
  nowMs: 1000,
  deadlineMs: 60_000,
};
const most = () => 1 - Number.EPSILON;

describe('retryDelay', () => {
  it.each<[string, Partial<RetryFacts>, boolean]>([
    ['a repeatable request that was sent', {}, true],
    ['any request of which nothing was sent', { sent: false, repeatable: false }, true],
    ['a request that was sent and may not be repeated', { repeatable: false }, false],
    ['the last attempt', { attempts: 3 }, false],
    ['a topic of one attempt', { maxAttempts: 1, sent: false }, false],
    ['a retry that would start past the deadline', { deadlineMs: 1099 }, false],
    ['a retry that would start at the deadline', { deadlineMs: 1099, sent: false }, false],
    ['a retry that starts just before it', { deadlineMs: 1100 }, true],
    ['a deadline that has passed', { deadlineMs: 900 }, false],
  ])('%s: %o', (_title, change, again) => {
    expect(retryDelay({ ...facts, ...change }, most) !== null).toBe(again);
  });

  it('never starts an attempt at or past the deadline', () => {
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.integer({ min: 1, max: 50 }),
        fc.double({ min: 0, max: 0.999 }),
        (left, attempts, r) => {
          const delay = retryDelay({ ...facts, attempts, maxAttempts: 100, deadlineMs: facts.nowMs + left }, () => r);
          if (delay !== null) expect(delay).toBeLessThan(left);
        },
      ),
    );
  });
});

describe('backoff', () => {
  it('doubles from 100 ms to its cap', () => {
    const bounds = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((attempts) => Math.ceil(backoff(attempts, most) / 100) * 100);
    expect(bounds).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, MAX_DELAY_MS]);
  });

  it('spreads over the whole of it: full jitter', () => {
    expect(backoff(3, () => 0)).toBe(0);
    expect(backoff(3, () => 0.5)).toBe(200);
  });
});
