import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Waiter } from '../waiter.js';
import { createPendingRequests } from './pending.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const waiter: Waiter = {
  reply: () => undefined,
  stream: () => ({ data: () => undefined, end: () => undefined, failed: () => undefined }),
  fail: () => undefined,
};

it('gives a request that gets on its whole time anew', () => {
  const pending = createPendingRequests();
  const expire = vi.fn(() => void pending.take('a'));
  pending.add('a', 'requests', waiter, 1000, expire);
  for (let i = 0; i < 3; i++) {
    vi.advanceTimersByTime(900);
    pending.extend('a');
  }
  expect(expire).not.toHaveBeenCalled();
  vi.advanceTimersByTime(999);
  expect(expire).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(expire).toHaveBeenCalledOnce();
  pending.extend('a');
  expect(vi.getTimerCount()).toBe(0);
});

it('counts who waits, by topic', () => {
  const pending = createPendingRequests();
  const expire = () => undefined;
  pending.add('a', 'one', waiter, 1000, expire);
  pending.add('b', 'one', waiter, 1000, expire);
  pending.add('c', 'two', waiter, 1000, expire);
  pending.take('a');
  pending.take('a');
  expect([pending.waiting('one'), pending.waiting('two'), pending.waiting('three')]).toEqual([1, 1, 0]);
  pending.takeAll();
  expect([pending.waiting('one'), pending.waiting('two')]).toEqual([0, 0]);
});
