import type { ServerResponse } from 'node:http';
import { FakeClock } from '@kafka-http-proxy/streams/testing';
import { expect, it, vi } from 'vitest';
import { watchStall } from './stall.js';

function setUp() {
  const clock = new FakeClock();
  const handle = { writeQueueSize: 1000 };
  const response = { socket: { _handle: handle } as unknown };
  const stalled = vi.fn();
  const watch = watchStall(response as ServerResponse, { idleMs: 1000, clock }, stalled);
  return { clock, handle, response, stalled, watch };
}

it('notices a client that takes nothing while bytes wait, once', async () => {
  const { clock, stalled, watch } = setUp();
  watch.waiting(1000);
  await clock.advance(999);
  expect(stalled).not.toHaveBeenCalled();
  await clock.advance(5000);
  expect(stalled).toHaveBeenCalledOnce();
});

it('lets a slow client be: a part of a chunk that was taken counts', async () => {
  const { clock, handle, stalled, watch } = setUp();
  watch.waiting(1000);
  for (let i = 0; i < 9; i++) {
    await clock.advance(900);
    handle.writeQueueSize -= 100;
  }
  watch.taken(1000);
  await clock.advance(10_000);
  expect(stalled).not.toHaveBeenCalled();
  expect(clock.waiting).toBe(0);
});

it('counts from when bytes began to wait, not from the start of a quiet stream', async () => {
  const { clock, stalled, watch } = setUp();
  await clock.advance(10_000);
  watch.waiting(10);
  await clock.advance(700);
  expect(stalled).not.toHaveBeenCalled();
});

it('does not blame a client for a response that is not its turn yet', async () => {
  const { clock, response, stalled, watch } = setUp();
  response.socket = null;
  watch.waiting(10);
  await clock.advance(10_000);
  expect(stalled).not.toHaveBeenCalled();
  watch.stop();
  expect(clock.waiting).toBe(0);
});
