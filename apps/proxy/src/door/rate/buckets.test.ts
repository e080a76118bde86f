import { TokenRate } from '@kafka-http-proxy/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Buckets, createBuckets } from './buckets.js';

/** Takes until there is none. @returns how many were taken */
function drain(buckets: Buckets, key: string, rate: TokenRate, nowMs: number): number {
  let taken = 0;
  while (buckets.take(key, rate, nowMs).ok) taken++;
  return taken;
}

describe('buckets', () => {
  it('are of each key its own', () => {
    const buckets = createBuckets(10);
    const rate = new TokenRate(10, 5);
    expect([drain(buckets, 'a', rate, 0), drain(buckets, 'b', rate, 0)]).toEqual([5, 5]);
    expect(drain(buckets, 'a', rate, 100)).toBe(1);
  });

  it('say what is left, and when there is more', () => {
    const buckets = createBuckets(10);
    const rate = new TokenRate(2, 2);
    expect(buckets.take('a', rate, 0)).toEqual({ ok: true, left: 1, waitMs: 0, fullInMs: 500 });
    expect(buckets.take('a', rate, 0)).toEqual({ ok: true, left: 0, waitMs: 500, fullInMs: 1000 });
    expect(buckets.take('a', rate, 100)).toEqual({ ok: false, left: 0, waitMs: 400, fullInMs: 900 });
    expect(buckets.take('a', rate, 500).ok).toBe(true);
  });

  it('let through no more than what was saved and what came since, whoever asks beside', () => {
    const asks = fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 5 })), {
      minLength: 1,
      maxLength: 300,
    });
    const rates = fc.tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 60 }));
    fc.assert(
      fc.property(rates, fc.integer({ min: 1, max: 30 }), asks, ([requests, window], burst, all) => {
        const buckets = createBuckets(100);
        const rate = new TokenRate(requests / window, burst);
        const taken = new Map<number, number>();
        let nowMs = 0;
        for (const [gapMs, key] of all) {
          nowMs += gapMs;
          if (buckets.take(String(key), rate, nowMs).ok) taken.set(key, (taken.get(key) ?? 0) + 1);
          const most = burst + ((nowMs / 1000) * requests) / window;
          expect(taken.get(key) ?? 0).toBeLessThanOrEqual(most + 1e-6);
        }
      }),
    );
  });

  it('take no place when they are full again', () => {
    const buckets = createBuckets(100_000);
    const rate = new TokenRate(100, 100);
    // A thousand new clients each 100 ms, for a minute: a bucket that is used once is full again after 10 ms.
    let highest = 0;
    for (let turn = 0; turn < 600; turn++) {
      for (let i = 0; i < 1000; i++) buckets.take(`${turn}-${i}`, rate, turn * 100);
      highest = Math.max(highest, buckets.size);
    }
    expect(highest).toBeLessThan(3000);
  });

  it('are never more than they may, and refuse no key that is new', () => {
    const buckets = createBuckets(1000);
    const rate = new TokenRate(1 / 3600, 1);
    for (let i = 0; i < 20_000; i++) {
      expect(buckets.take(String(i), rate, i / 1000).ok).toBe(true);
      expect(buckets.size).toBeLessThanOrEqual(1000);
    }
  });

  it('that are used up are not turned out by many keys that are hardly used', () => {
    const buckets = createBuckets(1000);
    const rate = new TokenRate(10 / 3600, 10);
    const used = Array.from({ length: 50 }, (_, i) => `used-${i}`);
    for (const key of used) expect(drain(buckets, key, rate, 0)).toBe(10);
    for (let i = 0; i < 100_000; i++) buckets.take(`stranger-${i}`, rate, i / 1000);
    expect(used.filter((key) => buckets.take(key, rate, 100).ok)).toEqual([]);
    expect(buckets.size).toBe(1000);
  });

  it('that are at their limit keep it though others come and go', () => {
    const buckets = createBuckets(1000);
    const rate = new TokenRate(10, 10);
    let taken = 0;
    for (let ms = 0; ms < 10_000; ms++) {
      if (buckets.take('greedy', rate, ms).ok) taken++;
      for (let i = 0; i < 10; i++) buckets.take(`${ms}-${i}`, rate, ms);
    }
    expect(taken).toBe(10 + 99);
  });
});
