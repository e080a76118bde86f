import { describe, expect, it } from 'vitest';
import { isPlainId } from './basics/plain-id.js';
import { createCorrelationIds, LONGEST_ID, NONCE_LENGTH, shownId } from './correlation.js';
import { problem, retryAfterSeconds, STATUS_OF_CODE } from './errors.js';

describe('correlation ids', () => {
  it('start with a nonce by which an instance knows its own', () => {
    const ours = createCorrelationIds();
    const theirs = createCorrelationIds();
    expect(ours.nonce).toMatch(/^[A-Za-z0-9]+$/);
    expect(ours.nonce).toHaveLength(NONCE_LENGTH);
    const id = ours.next();
    expect(isPlainId(id)).toBe(true);
    expect(ours.owns(id)).toBe(true);
    expect(theirs.owns(id)).toBe(false);
    expect(ours.next()).not.toBe(id);
  });

  it('are random behind the nonce, so that one says nothing of the next', () => {
    const ids = createCorrelationIds();
    const made = Array.from({ length: 2000 }, () => ids.next());
    const behind = made.map((id) => id.slice(NONCE_LENGTH + 1));
    for (const id of made) expect(id).toHaveLength(LONGEST_ID.length);
    // 28 characters of 64, in each place many of them: no counter, no time.
    for (let at = 0; at < 28; at++) {
      if (at !== 12) expect(new Set(behind.map((text) => text[at])).size).toBeGreaterThan(55);
    }
    expect(new Set(made).size).toBe(made.length);
  });

  it('are shown without their secret part, which no other can have', () => {
    const ids = createCorrelationIds();
    const made = Array.from({ length: 500 }, () => ids.next());
    const shown = made.map(shownId);
    expect(new Set(shown).size).toBe(made.length);
    for (const [i, id] of made.entries()) {
      expect(id.startsWith(`${shown[i]}.`)).toBe(true);
      expect(id.length - (shown[i] as string).length - 1).toBe(16);
    }
    expect(problem('timeout', 'too late', made[0]).correlation_id).toBe(shown[0]);
  });

  it.each(['abcdefgh-1f', 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6', 'a.b', '.0123456789abcdef'])(
    'of another kind is shown as it is: %s',
    (id) => {
      expect(shownId(id)).toBe(id);
    },
  );

  it.each(['', 'a b', 'a\n', 'é', 'x'.repeat(129)])('%j is none', (text) => {
    expect(isPlainId(text)).toBe(false);
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
