import { describe, expect, it } from 'vitest';
import { isIdempotent, isRepeatable, isSafe } from './methods.js';

describe('isIdempotent', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'PROPFIND', 'REPORT', 'SEARCH', 'QUERY'])(
    '%s is',
    (method) => {
      expect(isIdempotent(method)).toBe(true);
    },
  );

  it.each(['POST', 'PATCH', 'LOCK', 'get', 'BREW'])('%s is not', (method) => {
    expect(isIdempotent(method)).toBe(false);
  });
});

describe('isSafe', () => {
  it.each(['GET', 'REPORT', 'QUERY'])('takes %s for one that only reads', (method) =>
    expect(isSafe(method)).toBe(true),
  );

  it.each(['PUT', 'DELETE', 'POST', 'get', ''])('takes %j for one that may change something', (method) =>
    expect(isSafe(method)).toBe(false),
  );
});

describe('isRepeatable', () => {
  it.each<[string, readonly string[], boolean]>([
    ['PUT', [], true],
    ['POST', ['Idempotency-Key', 'a'], true],
    ['POST', ['idempotency-KEY', ''], true],
    ['POST', ['X-Tag', 'Idempotency-Key'], false],
  ])('of %s with %j: %s', (method, headers, repeatable) => {
    expect(isRepeatable({ method, headers })).toBe(repeatable);
  });
});
