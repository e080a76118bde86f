import { describe, expect, it } from 'vitest';
import { latencies, median, percentile } from './percentiles.js';

const HUNDRED = Array.from({ length: 100 }, (_, i) => i + 1);

describe('percentiles', () => {
  it('are of the nearest rank', () => {
    expect(percentile(HUNDRED, 0.5)).toBe(50);
    expect(percentile(HUNDRED, 0.99)).toBe(99);
    expect(percentile(HUNDRED, 0.991)).toBe(100);
    expect(percentile(HUNDRED, 1)).toBe(100);
    expect(percentile([7], 0.5)).toBe(7);
  });

  it('are not a number where there is nothing', () => {
    expect(percentile([], 0.5)).toBeNaN();
    expect(latencies([]).maxMs).toBeNaN();
  });

  it('need no order', () => {
    expect(latencies([30, 1, 200, 4])).toEqual({ count: 4, p50Ms: 4, p99Ms: 200, maxMs: 200 });
  });
});

describe('the median', () => {
  it('is the middle one, or the mean of two', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 6])).toBe(5.5);
    expect(median([2])).toBe(2);
    expect(median([])).toBeNaN();
  });
});
