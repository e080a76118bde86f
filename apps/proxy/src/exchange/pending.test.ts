import { FakeClock } from '@kafka-http-proxy/streams/testing';
import { expect, it, vi } from 'vitest';
import type { Waiter } from '../waiter.js';
import { createPendingRequests } from './pending.js';

const waiter: Waiter = {
  reply: () => undefined,
  stream: () => ({ data: () => undefined, end: () => undefined, failed: () => undefined }),
  fail: () => undefined,
};

it('gives a request that makes progress its whole time again', async () => {
  const clock = new FakeClock();
  const pending = createPendingRequests(clock);
  const expire = vi.fn(() => void pending.take('a'));
  pending.add('a', 'requests', waiter, 1000, expire);
  for (let i = 0; i < 3; i++) {
    await clock.advance(900);
    pending.extend('a');
  }
  expect(expire).not.toHaveBeenCalled();
  await clock.advance(999);
  expect(expire).not.toHaveBeenCalled();
  await clock.advance(1);
  expect(expire).toHaveBeenCalledOnce();
  pending.extend('a');
  expect(clock.waiting).toBe(0);
});

it('counts who waits, by topic', () => {
  const pending = createPendingRequests(new FakeClock());
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
