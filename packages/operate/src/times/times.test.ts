import { expect, it } from 'vitest';
import { parseDuration } from './duration.js';
import { type Moment, parseMoment, parseTime } from './moment.js';
import { parseSpan } from './span.js';
import { TimeMistake } from './time-mistake.js';

const nowMs = Date.parse('2026-11-28T12:00:00Z');
const context = { option: '--since', nowMs };
const at = (iso: string, assumedUtc = false): Moment => ({ kind: 'time', ms: Date.parse(iso), assumedUtc });

it.each<[string, Moment]>([
  ['start', { kind: 'start' }],
  ['end', { kind: 'end' }],
  ['47', { kind: 'offset', offset: 47 }],
  ['+2', { kind: 'after_start', records: 2 }],
  ['-3', { kind: 'before_end', records: 3 }],
  ['5m', at('2026-11-28T11:55:00Z')],
  ['-5m', at('2026-11-28T11:55:00Z')],
  ['1h30m', at('2026-11-28T10:30:00Z')],
  ['2 days', at('2026-11-26T12:00:00Z')],
  ['@1hr', at('2026-11-28T11:00:00Z')],
  ['@-1hr', at('2026-11-28T11:00:00Z')],
  ['@now', at('2026-11-28T12:00:00Z')],
  ['@start', { kind: 'start' }],
  ['@1644800000', at('2022-02-14T00:53:20Z')],
  ['@1644800000123', at('2022-02-14T00:53:20.123Z')],
  ['@2022-02-14', at('2022-02-14T00:00:00Z', true)],
  ['2022-02-14T10:00', at('2022-02-14T10:00:00Z', true)],
  ['@2022-02-14 10:00:01.5', at('2022-02-14T10:00:01.500Z', true)],
  ['@2022-02-14T10:00:00Z', at('2022-02-14T10:00:00Z')],
  ['@2022-02-14T10:00:00+02:00', at('2022-02-14T08:00:00Z')],
  ['@2022-02-14T10:00-0330', at('2022-02-14T13:30:00Z')],
  ['@2022-02-14T10:00+02', at('2022-02-14T08:00:00Z')],
])('a place in a partition: %s', (text, moment) => {
  expect(parseMoment(text, context)).toEqual(moment);
  expect(parseSpan(text, context)).toEqual({ from: moment, to: null });
});

it.each<[string, Moment, Moment]>([
  ['@-48h:-24h', at('2026-11-26T12:00:00Z'), at('2026-11-27T12:00:00Z')],
  ['@-1m:end', at('2026-11-28T11:59:00Z'), { kind: 'end' }],
  ['@:-1hr', { kind: 'start' }, at('2026-11-28T11:00:00Z')],
  ['@2022-02-14:1h', at('2022-02-14T00:00:00Z', true), at('2022-02-14T01:00:00Z')],
  ['@-48h:1h', at('2026-11-26T12:00:00Z'), at('2026-11-26T13:00:00Z')],
  ['@2022-02-14T10:00:30m', at('2022-02-14T10:00:00Z', true), at('2022-02-14T10:30:00Z')],
  ['@2022-02-14T10:00:00Z:2022-02-14T11:00:00Z', at('2022-02-14T10:00:00Z'), at('2022-02-14T11:00:00Z')],
  ['@2022-02-14:', at('2022-02-14T00:00:00Z', true), { kind: 'end' }],
  ['@start:end', { kind: 'start' }, { kind: 'end' }],
])('from where to where: %s', (text, from, to) => {
  expect(parseSpan(text, context)).toEqual({ from, to });
});

it.each([
  '',
  '@',
  '@:',
  'yesterday',
  '5',
  '5M',
  '5 potatoes',
  '5m3potatoes',
  '1h30',
  '--5m',
  '2022-02-30',
  '2022-13-01',
  '2022-02-14T25:00Z',
  '@-24h:-48h',
  '@2022-02-14:yesterday',
  '1e9',
  '99999999999999999999',
])('says what was expected in place of %j', (text) => {
  if (text === '5') return expect(() => parseTime(text, context)).toThrow(TimeMistake);
  expect(() => parseSpan(text, context)).toThrow(TimeMistake);
  expect(() => parseSpan(text, context)).toThrow(/^--since: .+ was expected, ".*" was found$/);
});

it('reads a time alone, and a duration', () => {
  expect(parseTime('2022-02-14', context)).toEqual(at('2022-02-14T00:00:00Z', true));
  expect(() => parseTime('end', context)).toThrow('a time such as');
  expect(parseDuration('1h30m', '--timeout')).toBe(5_400_000);
  expect(parseDuration('0s', '--timeout')).toBe(0);
  expect(() => parseDuration('30', '--timeout')).toThrow('--timeout: a duration such as 30s');
});
