import { expect, it } from 'vitest';
import { lagsAbove, type PartitionLag, parseLagLimit, totalLags } from './lag.js';

const one = (topic: string, lag: number, ageMs: number | null): PartitionLag => ({
  topic,
  group: 'g',
  partition: 0,
  committed: 0,
  end: lag,
  lag,
  ageMs,
});

it('adds up the partitions of a topic; the oldest record speaks for all', () => {
  expect(totalLags([one('a', 1, 50), one('b', 0, 0), one('a', 2, 20), one('c', 3, 1), one('c', 1, null)])).toEqual([
    { topic: 'a', group: 'g', lag: 3, ageMs: 50 },
    { topic: 'b', group: 'g', lag: 0, ageMs: 0 },
    { topic: 'c', group: 'g', lag: 4, ageMs: null },
  ]);
});

it('has limits in records and in time', () => {
  const totals = totalLags([one('a', 10, 40_000), one('b', 0, 0), one('c', 1, null)]);
  const above = (text: string) => lagsAbove(totals, parseLagLimit(text, '--fail-above')).map(({ topic }) => topic);
  expect([above('9'), above('10'), above('0'), above('30s'), above('1m')]).toEqual([
    ['a'],
    [],
    ['a', 'c'],
    ['a', 'c'],
    ['c'],
  ]);
  expect(() => parseLagLimit('many', '--fail-above')).toThrow('records as 1000, or a time as 30s');
  expect(() => parseLagLimit('-5', '--fail-above')).toThrow('records as 1000, or a time as 30s');
});
