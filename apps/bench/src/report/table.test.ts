import { describe, expect, it } from 'vitest';
import { checked, failures, measured, meets } from './outcome.js';
import { formatTable } from './table.js';

const SECTIONS = [
  {
    title: 'bodies',
    entries: [
      measured('up', 123.4, 'MB/s', { runs: [120, 126.8] }),
      measured('up / copy', 0.41, 'ratio', { target: { relation: '>=', value: 0.7 } }),
      measured('peak RSS', 120, 'MiB', { target: { relation: '<', value: 200 } }),
      checked('SHA-256', true, ''),
    ],
  },
  { title: 'kill', notes: ['By Node.'], entries: [checked('none spliced', false, '3 of 100')] },
];

describe('the table', () => {
  it('tells what was measured, what was wanted, and what was missed', () => {
    expect(formatTable(SECTIONS)).toBe(
      [
        'bodies                                            measured      target',
        '  up                                              123 MB/s              runs 120, 127',
        '  up / copy                                           0.41     >= 0.70  missed',
        '  peak RSS                                         120 MiB   < 200 MiB',
        '  SHA-256                                               ok',
        '',
        'kill                                              measured      target',
        '  By Node.',
        '  none spliced                                      FAILED  3 of 100',
        '',
      ].join('\n'),
    );
  });
});

describe('an outcome', () => {
  it('fails by a check, not by a missed target', () => {
    expect(failures(SECTIONS).map(({ name }) => name)).toEqual(['none spliced']);
  });

  it('knows whether a target was met', () => {
    expect(meets({ value: 50, target: { relation: '<', value: 50 } })).toBe(false);
    expect(meets({ value: 50, target: { relation: '<=', value: 50 } })).toBe(true);
    expect(meets({ value: 50, target: { relation: '>=', value: 50 } })).toBe(true);
    expect(meets({ value: Number.NaN, target: { relation: '>=', value: 50 } })).toBe(false);
    expect(meets({ value: 50, target: null })).toBeNull();
  });
});
