import type { PartitionLag } from '@kafka-http-proxy/operate';
import { expect, it } from 'vitest';
import { judgeReading } from './reading.js';

const at = (committed: number | null, end: number, ageMs: number | null = 0, partition = 0): PartitionLag => ({
  topic: 't',
  group: 'g',
  partition,
  committed,
  end,
  lag: end - (committed ?? 0),
  ageMs,
});

const LATE = 60_000;
const CASES: [string, PartitionLag[], PartitionLag[], string, RegExp][] = [
  ['a topic that is not there', [], [], 'skip', /is not there/],
  ['a topic that nothing ever was in', [at(null, 0)], [at(null, 0)], 'skip', /whether anybody reads is not known/],
  ['a group that has done all', [at(5, 5)], [at(5, 5)], 'ok', /has done all/],
  ['a group that moves', [at(5, 20, LATE)], [at(6, 20, LATE)], 'ok', /moves, 14 records wait/],
  [
    'a group that stands for less than requests may take',
    [at(5, 7, 900)],
    [at(5, 7, 2900)],
    'warn',
    /none of 2 records/,
  ],
  ['a record that can not be read', [at(5, 7, null)], [at(5, 7, null)], 'warn', /none of 2 records/],
  [
    'a group that stands for longer',
    [at(5, 7, LATE)],
    [at(5, 7, LATE)],
    'FAIL',
    /partition 0 of t: 2 records wait.* 60 s.*stands still/,
  ],
  ['a group that never was', [at(null, 3, LATE)], [at(null, 3, LATE)], 'FAIL', /never committed/],
  [
    'one partition that stands while another moves',
    [at(5, 7, LATE), at(1, 9, 100, 1)],
    [at(5, 7, LATE), at(8, 9, 100, 1)],
    'FAIL',
    /partition 0 of t: 2 records/,
  ],
];

it.each(CASES)('judges %s', (_what, before, after, state, what) => {
  const finding = judgeReading({ topic: 't', group: 'g', before, after, patienceMs: 32_000 });
  expect(finding).toMatchObject({ state, what: expect.stringMatching(what) });
});
