import { describe, expect, it } from 'vitest';
import { growthOf } from './trend.js';

describe('the growth of a figure', () => {
  it('is its slope over all of the samples, as a share of their median', () => {
    expect(growthOf([90, 95, 100, 105, 110])).toBeCloseTo(0.2);
    expect(growthOf([110, 105, 100, 95, 90])).toBeCloseTo(-0.2);
  });

  it('is none for a saw, and none for a peak', () => {
    const saw = Array.from({ length: 80 }, (_, i) => 100 + (i % 8) * 5);
    expect(Math.abs(growthOf(saw))).toBeLessThan(0.06);
    expect(growthOf([100, 100, 100, 400, 100, 100, 100])).toBe(0);
  });

  it('is seen behind a saw', () => {
    expect(growthOf(Array.from({ length: 40 }, (_, i) => 100 + (i % 8) * 5 + i))).toBeGreaterThan(0.2);
  });
});
