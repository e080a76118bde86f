import { describe, expect, it } from 'vitest';
import { ranSeconds, secondsBetween, threadTimes } from './thread-times.js';

describe('the times of threads', () => {
  it('are counted in nanoseconds', () => {
    expect(ranSeconds('1500000042 777 12\n')).toBe(1.500000042);
  });

  it('have each thread that runs, the first one too, and grow with its work', () => {
    const before = threadTimes(process.pid);
    while (secondsBetween(before, threadTimes(process.pid)) <= 0) Math.random();
    expect(before.size).toBeGreaterThan(0);
  });

  it('count what a new thread did, and take nothing off for one that ended', () => {
    const before = new Map([
      ['1', 10],
      ['2', 500],
    ]);
    const now = new Map([
      ['1', 11],
      ['3', 0.5],
    ]);
    expect(secondsBetween(before, now)).toBe(1.5);
  });

  it('are not a number for a process that is gone', () => {
    expect(secondsBetween(new Map(), threadTimes(2 ** 30))).toBeNaN();
  });
});
