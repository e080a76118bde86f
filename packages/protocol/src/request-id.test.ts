import { describe, expect, it } from 'vitest';
import { createCorrelationIds, shownId } from './correlation.js';
import { clientRequestId, requestIdOf } from './request-id.js';

describe('the id of a request that is shown', () => {
  const id = createCorrelationIds().next();

  it.each([
    [['X-Request-ID', 'a-1'], 'a-1'],
    [['Accept', '*/*', 'x-REQUEST-id', 'a', 'X-Request-ID', 'b'], 'a'],
    [['X-Request-ID', 'x'.repeat(128)], 'x'.repeat(128)],
  ])('is the client’s own, of the first line: %j', (headers, own) => {
    expect(clientRequestId(headers)).toBe(own);
    expect(requestIdOf(headers, id)).toBe(own);
  });

  it.each([
    [[]],
    [['X-Request-ID', '']],
    [['X-Request-ID', 'two words']],
    [['X-Request-ID', 'caf\xe9']],
    [['X-Request-ID', 'x'.repeat(129)]],
    [['X-Request-ID', 'tab\t', 'X-Request-ID', 'good']],
  ])('is else the correlation id without its secret part: %j', (headers) => {
    expect(clientRequestId(headers)).toBeNull();
    expect(requestIdOf(headers, id)).toBe(shownId(id));
    expect(shownId(id)).not.toBe(id);
  });
});
