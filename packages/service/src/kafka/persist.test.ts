import { expect, it, vi } from 'vitest';
import { createPersistence } from './persist.js';

function setUp() {
  const closing = new AbortController();
  const warn = vi.fn();
  const persistence = createPersistence({ logger: { warn } as never, retryMs: 1, signal: closing.signal });
  return { ...persistence, warn, closing };
}

it('repeats a step until it succeeds, and tells each reason once', async () => {
  const { persist, trouble, warn } = setUp();
  const told: (string | null)[] = [];
  const reasons = ['away', 'away', 'refused'];
  await persist('reading', () => {
    told.push(trouble());
    const reason = reasons.shift();
    return reason === undefined ? Promise.resolve() : Promise.reject(new Error(reason));
  });
  expect(told).toEqual([null, 'reading: away', 'reading: away', 'reading: refused']);
  expect(warn.mock.calls).toEqual([['reading: away'], ['reading: refused']]);
  expect(trouble()).toBeNull();
});

it('ends with what the step threw when it is to stop', async () => {
  const { persist, warn, closing } = setUp();
  const failing = persist('reading', () => {
    closing.abort();
    return Promise.reject(new Error('closed'));
  });
  await expect(failing).rejects.toThrow('closed');
  expect(warn).not.toHaveBeenCalled();
});

it('ends with what the step threw when it is to stop while it waits', async () => {
  const { persist, warn, closing } = setUp();
  const failing = persist('reading', () => Promise.reject(new Error('away')));
  await vi.waitFor(() => expect(warn).toHaveBeenCalled());
  closing.abort();
  await expect(failing).rejects.toThrow('away');
});
