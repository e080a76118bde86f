import { expect, it } from 'vitest';
import { fromPromtool, goingOn, inPromtool, readSamples } from './series.js';

it('samples are written as promtool reads them, runs of one step in one word', () => {
  expect(inPromtool([0, 0, 0, 1, 3, 5, 7, 2, null, null, null, 9])).toBe('0+0x2 1+2x3 2 stale _x2 9');
  expect(inPromtool([null, null, 5, 4, 3])).toBe('_x2 5-1x2');
});

it('what is written is read again', () => {
  const samples = [null, 0, 0, 0, 1.5, 1, 0.5, null, null, 7, 1e-7, 4];
  expect(fromPromtool(inPromtool(samples))).toEqual(samples);
});

it('a counter goes on at its pace, a gauge stays, and what is gone is gone', () => {
  const samples = Array.from({ length: 11 }, (_, i) => i * 2);
  expect(goingOn('a_total{b="c"}', samples, 5)).toBe('22+2x4');
  expect(goingOn('a_ready', samples, 5)).toBe('20+0x4');
  expect(goingOn('a_total', [1, null], 5)).toBe('_x5');
});

it('samples of a page are found with their labels, without comments and exemplars', () => {
  const page = '# HELP a_total x\na_total{b="c"} 5 # {trace_id="1"} 2\nready 1\n';
  expect([...readSamples(page)]).toEqual([
    { name: 'a_total', labels: 'b="c"', value: 5 },
    { name: 'ready', labels: '', value: 1 },
  ]);
});
