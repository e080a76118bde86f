import { expect, it } from 'vitest';
import { isEncoded } from './encoded.js';

it.each([
  [['Content-Encoding', 'gzip'], true],
  [['content-encoding', 'identity'], false],
  [['Content-Type', 'image/png'], true],
  [['Content-Type', 'image/svg+xml'], false],
  [['Content-Type', 'application/zip'], true],
  [['Content-Type', 'application/x-xz; a=b'], true],
  [['Content-Type', 'application/json'], false],
  [[], false],
])('a body with %j is encoded already: %s', (headers, encoded) => {
  expect(isEncoded(headers)).toBe(encoded);
});
