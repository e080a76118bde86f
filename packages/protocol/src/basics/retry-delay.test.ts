import { expect, it } from 'vitest';
import { retryDelayMs } from './retry-delay.js';

it('doubles the wait between attempts up to 2 s', () => {
  expect([0, 1, 2, 3, 4, 1000].map((attempt) => retryDelayMs(attempt))).toEqual([250, 500, 1000, 2000, 2000, 2000]);
});

it('waits as long as it is told at most', () => {
  expect([5, 6, 1000].map((attempt) => retryDelayMs(attempt, 10_000))).toEqual([8000, 10_000, 10_000]);
});
