import { expect, it } from 'vitest';
import { parseMoment } from './moment.js';
import { createWithin } from './within.js';

const nowMs = Date.UTC(2026, 1, 14, 12);
const moment = (text: string | null) => (text === null ? null : parseMoment(text, { option: '--since', nowMs }));
// Offsets 10 to 19 of partition 0, a minute apart, the last one now.
const records = Array.from({ length: 10 }, (_, i) => ({
  partition: 0,
  offset: 10 + i,
  timestampMs: nowMs - (9 - i) * 60_000,
}));

it.each([
  [null, null, [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]],
  ['2m', null, [17, 18, 19]],
  [null, '@2026-02-14T11:53Z', [10, 11]],
  ['@2026-02-14T11:53Z', '@2026-02-14T11:55Z', [12, 13]],
  ['18', null, [18, 19]],
  ['+2', '14', [12, 13]],
  ['-3', null, [17, 18, 19]],
  [null, '-8', [10, 11]],
  ['end', null, []],
  ['start', 'end', [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]],
])('finds what is between %s and %s, its end left out', (since, until, offsets) => {
  const isWithin = createWithin({ since: moment(since), until: moment(until) }, () => ({ from: 10, to: 20 }));
  expect(records.filter(isWithin).map(({ offset }) => offset)).toEqual(offsets);
});

it('takes a partition that it knows nothing of for one without an end', () => {
  const offsets = (since: string) =>
    records.filter(createWithin({ since: moment(since), until: null }, () => undefined)).map(({ offset }) => offset);
  expect(offsets('-3')).toEqual([]);
  expect(offsets('18')).toEqual([18, 19]);
});
