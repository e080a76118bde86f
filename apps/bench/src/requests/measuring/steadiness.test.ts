import { describe, expect, it } from 'vitest';
import { doubtOf, unsteadiness } from './steadiness.js';

describe('the steadiness of rounds', () => {
  it('of a few is judged by each of them', () => {
    expect(unsteadiness([100, 110, 150])).toBe(1.5);
  });

  it('of many is judged by quarters: a single round decides nothing', () => {
    expect(unsteadiness([100, 250, 100, 100, 40, 100, 110, 300, 110, 100, 20, 100])).toBeCloseTo(1.1);
  });

  it('of many is none where the machine became slower on the way', () => {
    expect(unsteadiness([100, 101, 102, 100, 90, 91, 80, 81, 60, 61, 60, 61])).toBeGreaterThan(1.6);
  });

  it('is a doubt beyond 25 %', () => {
    expect(doubtOf([100, 125])).toBeNull();
    expect(doubtOf([100, 126])).toBe("the floor's own rounds differ by 1.26");
  });
});
