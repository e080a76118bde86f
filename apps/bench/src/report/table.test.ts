import { describe, expect, it } from 'vitest';
import { checked, doubtful, failures, measured, meets } from './outcome.js';
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
    expect(meets({ value: 50, target: { relation: '<', value: 50 }, doubt: null })).toBe(false);
    expect(meets({ value: 50, target: { relation: '<=', value: 50 }, doubt: null })).toBe(true);
    expect(meets({ value: 50, target: { relation: '>=', value: 50 }, doubt: null })).toBe(true);
    expect(meets({ value: Number.NaN, target: { relation: '>=', value: 50 }, doubt: null })).toBe(false);
    expect(meets({ value: 50, target: null, doubt: null })).toBeNull();
  });

  it('that is no result has neither met nor missed its target, and is told as such', () => {
    const doubt = "the floor's own rounds differ by 1.40";
    const target = { relation: '<=', value: 1.25 } as const;
    const runs = [1.1, 1.9, 1.4, 1.3, 1.2, 1.3];
    const entry = measured('CPU / floor', 1.3, 'ratio', { target, runs, doubt });
    expect(meets(entry)).toBeNull();
    const sections = [{ title: 'load', entries: [entry, measured('RSS', 1, 'MiB')] }];
    expect(doubtful(sections)).toEqual([entry]);
    expect(formatTable(sections)).toContain(`1.30     <= 1.25  no result: ${doubt}; runs 1.10 to 1.90 in 6`);
    expect(formatTable(sections)).not.toContain('missed');
  });
});
