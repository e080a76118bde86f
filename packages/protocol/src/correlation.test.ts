import { describe, expect, it } from 'vitest';
import { createCorrelationIds, isCorrelationId, NONCE_LENGTH } from './correlation.js';
import { problem, retryAfterSeconds, STATUS_OF_CODE } from './errors.js';

describe('correlation ids', () => {
  it('start with a nonce by which an instance knows its own', () => {
    const ours = createCorrelationIds();
    const theirs = createCorrelationIds();
    expect(ours.nonce).toMatch(/^[A-Za-z0-9]+$/);
    expect(ours.nonce).toHaveLength(NONCE_LENGTH);
    const id = ours.next();
    expect(isCorrelationId(id)).toBe(true);
    expect(ours.owns(id)).toBe(true);
    expect(theirs.owns(id)).toBe(false);
    expect(ours.next()).not.toBe(id);
  });

  it.each(['', 'a b', 'a\n', 'é', 'x'.repeat(129)])('%j is none', (text) => {
    expect(isCorrelationId(text)).toBe(false);
  });
});

describe('problems', () => {
  it('carry status, code and correlation id', () => {
    expect(problem('timeout', 'too late', 'id-1')).toMatchObject({
      status: 504,
      code: 'timeout',
      detail: 'too late',
      correlation_id: 'id-1',
    });
    expect(problem('bad_request', 'no')).not.toHaveProperty('correlation_id');
  });

  it('tell when to try again exactly where the status is 503', () => {
    for (const code of Object.keys(STATUS_OF_CODE) as (keyof typeof STATUS_OF_CODE)[]) {
      expect(retryAfterSeconds(code) !== undefined, code).toBe(STATUS_OF_CODE[code] === 503);
    }
  });
});
