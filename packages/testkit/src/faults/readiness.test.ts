import { expect, it } from 'vitest';
import { falselyReady, type Sample } from './readiness.js';

const every = (fromS: number, toS: number, ready: boolean): Sample[] =>
  Array.from({ length: toS - fromS }, (_, i) => ({ atMs: (fromS + i) * 1000, ready }));

it('complains of services that are ready while nothing is answered for long', () => {
  const samples = every(0, 40, true);
  expect(falselyReady(samples, [1000, 2000, 30_500])).toEqual([
    'every /ready said 200 for 27000 ms in which no request was answered, until 30500',
  ]);
});

it('takes one that says that it is not ready for all, and a short time for none', () => {
  expect(falselyReady([...every(0, 8, true), ...every(8, 30, false), ...every(30, 38, true)], [1000, 37_000])).toEqual(
    [],
  );
  expect(falselyReady(every(0, 40, true), [1000, 10_000, 19_000])).toEqual([]);
});
