import { expect, it } from 'vitest';
import { isoTime, msOfIsoTime, secondsOf } from './iso-time.js';

it.each([0, 1_771_063_200_123, 8.64e15, 8.64e15 + 2, -1, -86_400_000])(
  'writes %d so that it can be read back',
  (ms) => {
    expect(msOfIsoTime(isoTime(ms))).toBe(ms);
  },
);

it('writes what is no time as the number it is', () => {
  expect(isoTime(-1)).toBe('-1');
  expect(secondsOf(1_771_063_200_123)).toBe('2026-02-14T10:00:00Z');
});

it.each(['', 'now', '2026-02-14', '2026-02-14T10:00', '1e3', '2026-99-99T10:00:00Z'])('reads %j as no time', (text) => {
  expect(msOfIsoTime(text)).toBeNaN();
});
