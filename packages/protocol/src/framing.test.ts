import { expect, it } from 'vitest';
import { announcedLength, isBodyless } from './framing.js';

it('knows the responses that have no body, whatever their fields say', () => {
  expect([isBodyless('HEAD', 200), isBodyless('GET', 204), isBodyless('GET', 304)]).toEqual([true, true, true]);
  expect([isBodyless('GET', 200), isBodyless('POST', 404)]).toEqual([false, false]);
});

it('reads the length that a head announces, in any case of the name', () => {
  expect(announcedLength(['Host', 'a', 'CONTENT-length', '42'])).toBe(42);
  expect(announcedLength(['Content-Length', '0'])).toBe(0);
});

it.each([
  ['is missing', ['Host', 'a']],
  ['stands twice, even with one value', ['Content-Length', '5', 'content-length', '5']],
  ['is no number', ['Content-Length', '5, 5']],
  ['is negative', ['Content-Length', '-5']],
  ['cannot be counted', ['Content-Length', '9007199254740993']],
  ['gives way to Transfer-Encoding', ['Content-Length', '5', 'Transfer-Encoding', 'chunked']],
])('knows no length where Content-Length %s', (_, headers) => {
  expect(announcedLength(headers)).toBeNull();
});
