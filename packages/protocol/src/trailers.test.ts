import { expect, it } from 'vitest';
import { passableTrailers } from './trailers.js';

it('lets trailer fields through in their order, and none that frame, route or authenticate', () => {
  expect(
    passableTrailers([
      'X-Sum',
      '1',
      'Content-Length',
      '3',
      'transfer-encoding',
      'chunked',
      'TE',
      'trailers',
      'Authorization',
      'x',
      'X-Kafka-Topic',
      't',
      'x-sum',
      '2',
      'Connection',
      'X-Hop',
      'X-Hop',
      'gone',
    ]),
  ).toEqual(['X-Sum', '1', 'x-sum', '2']);
});

it('takes out what is no field at all, and is nothing when nothing is left', () => {
  expect(passableTrailers(['bad name', 'x', 'X-A', 'b\r\nc', 'X-Ok', 'y'])).toEqual(['X-Ok', 'y']);
  expect(passableTrailers(['Host', 'h'])).toBeNull();
  expect(passableTrailers([])).toBeNull();
  expect(passableTrailers(null)).toBeNull();
});
