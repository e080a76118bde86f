import { expect, it } from 'vitest';
import { statisticsOf } from './statistics.js';

it('has nothing to say of no times', () => {
  expect(statisticsOf([])).toBeNull();
});

it.each([
  ['one', [7], { count: 1, min: 7, average: 7, p95: 7, max: 7 }],
  ['a few, in any order', [10, 9, 2, 3], { count: 4, min: 2, average: 6, p95: 10, max: 10 }],
  ['a hundred', Array.from({ length: 100 }, (_, i) => i + 1), { count: 100, min: 1, average: 50.5, p95: 95, max: 100 }],
])('summarises %s', (_what, times, expected) => {
  expect(statisticsOf(times)).toEqual(expected);
});
