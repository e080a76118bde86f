import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket, TokenRate } from './token-bucket.js';

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
      const times = takeAll(new TokenBucket(rate), seconds * 1000);
      expect(times.length).toBeLessThanOrEqual(atMost);
      // Waits are whole milliseconds, rounded up.
      expect(times.length).toBeGreaterThanOrEqual(Math.floor(rate * seconds * 0.9));
    },
  );

  it('says how long a fraction of a request a second has to wait', () => {
    const bucket = new TokenBucket(0.5);
    expect(bucket.take(0)).toBe(0);
    expect(bucket.take(0)).toBe(2000);
    expect(bucket.take(1500)).toBe(500);
    expect(bucket.take(2000)).toBe(0);
  });

  it('saves up no more than its burst over a long silence', () => {
    const bucket = new TokenBucket(100);
    let taken = 0;
    while (bucket.take(3_600_000) === 0) taken++;
    expect(taken).toBe(10);
  });

  it('lets reservations wait one after the other, and those who take wait behind them', () => {
    const bucket = new TokenBucket(1);
    expect([bucket.reserve(0), bucket.reserve(0), bucket.reserve(0)]).toEqual([0, 1000, 2000]);
    expect(bucket.take(2000)).toBe(1000);
  });

  it('takes nothing away when the clock is set back', () => {
    const bucket = new TokenBucket(1);
    expect(bucket.take(10_000)).toBe(0);
    expect(bucket.take(10_400)).toBe(600);
    expect(bucket.take(5_000)).toBe(600);
    expect(bucket.take(5_600)).toBe(0);
  });

  it('saves up what it is told to', () => {
    const bucket = new TokenBucket(1, 5);
    let taken = 0;
    while (bucket.take(0) === 0) taken++;
    expect(taken).toBe(5);
    expect(bucket.take(0)).toBe(1000);
  });
});

describe('TokenRate', () => {
  it('never lets through more than what was saved and what came since, however it is asked', () => {
    const gaps = fc.array(fc.double({ min: 0, max: 2000, noNaN: true }), { minLength: 1, maxLength: 300 });
    const ratePerSecond = fc.double({ min: 0.01, max: 5000, noNaN: true });
    fc.assert(
      fc.property(ratePerSecond, fc.integer({ min: 1, max: 200 }), gaps, (perSecond, capacity, waits) => {
        const rate = new TokenRate(perSecond, capacity);
        let nowMs = 12_345;
        let fullAtMs = Number.NEGATIVE_INFINITY;
        let taken = 0;
        for (const gapMs of waits) {
          nowMs += gapMs;
          for (let i = 0; i < 3 && rate.waitMs(fullAtMs, nowMs) === 0; i++) {
            expect(rate.tokens(fullAtMs, nowMs)).toBeGreaterThan(0);
            fullAtMs = rate.take(fullAtMs, nowMs);
            taken++;
          }
          expect(taken).toBeLessThanOrEqual(capacity + ((nowMs - 12_345) / 1000) * perSecond + 1e-3);
        }
      }),
    );
  });

  it('has a token after exactly the wait that it says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 50 }), (requests, capacity) => {
        const rate = new TokenRate(requests / 60, capacity);
        let fullAtMs = 0;
        for (let i = 0; i < capacity; i++) fullAtMs = rate.take(fullAtMs, 0);
        const waitMs = rate.waitMs(fullAtMs, 0);
        expect(waitMs).toBeGreaterThan(0);
        expect(rate.waitMs(fullAtMs, waitMs)).toBe(0);
        expect(rate.waitMs(fullAtMs, waitMs - 1)).toBe(1);
        expect(rate.tokens(fullAtMs, 0)).toBe(0);
      }),
    );
  });
});
