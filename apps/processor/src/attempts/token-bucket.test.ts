import { describe, expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.js';

/** Takes a token as soon as there is one, until `endMs`; the times at which it did. */
function takeAll(bucket: TokenBucket, endMs: number): number[] {
  const times: number[] = [];
  for (let nowMs = 0; nowMs < endMs; ) {
    const waitMs = bucket.take(nowMs);
    if (waitMs === 0) times.push(nowMs);
    nowMs += waitMs;
  }
  return times;
}

describe('TokenBucket', () => {
  it.each([
    { rate: 1, seconds: 10, atMost: 11 },
    { rate: 0.5, seconds: 20, atMost: 11 },
    { rate: 7.3, seconds: 100, atMost: 731 },
    { rate: 200, seconds: 5, atMost: 1020 },
  ])(
    'lets through $rate a second on average, and no more than a tenth of a second at once',
    ({ rate, seconds, atMost }) => {
      const times = takeAll(new TokenBucket(rate, 0), seconds * 1000);
      expect(times.length).toBeLessThanOrEqual(atMost);
      // Waits are whole milliseconds, rounded up.
      expect(times.length).toBeGreaterThanOrEqual(Math.floor(rate * seconds * 0.9));
    },
  );

  it('says how long a fraction of a request a second has to wait', () => {
    const bucket = new TokenBucket(0.5, 0);
    expect(bucket.take(0)).toBe(0);
    expect(bucket.take(0)).toBe(2000);
    expect(bucket.take(1500)).toBe(500);
    expect(bucket.take(2000)).toBe(0);
  });

  it('saves up no more than its burst over a long silence', () => {
    const bucket = new TokenBucket(100, 0);
    let taken = 0;
    while (bucket.take(3_600_000) === 0) taken++;
    expect(taken).toBe(10);
  });

  it('lets reservations wait one after the other, and those who take wait behind them', () => {
    const bucket = new TokenBucket(1, 0);
    expect([bucket.reserve(0), bucket.reserve(0), bucket.reserve(0)]).toEqual([0, 1000, 2000]);
    expect(bucket.take(2000)).toBe(1000);
  });

  it('takes nothing away when the clock is set back', () => {
    const bucket = new TokenBucket(1, 10_000);
    expect(bucket.take(5_000)).toBe(0);
    expect(bucket.take(6_000)).toBe(0);
  });
});
