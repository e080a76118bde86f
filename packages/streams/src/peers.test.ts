import { expect, it, vi } from 'vitest';
import { createPeerWatch } from './peers.js';
import { FakeClock } from './testing/fake-clock.js';

it('gives signs of life to a peer, and none where something was sent anyway', async () => {
  const clock = new FakeClock();
  const watch = createPeerWatch(30_000, clock);
  const quiet = { beat: vi.fn(), lost: vi.fn() };
  const busy = { beat: vi.fn(), lost: vi.fn() };
  const heard = watch.add('quiet', quiet);
  const one = watch.add('busy', busy);
  for (let i = 0; i < 60; i++) {
    await clock.advance(1_000);
    heard.heard();
    one.heard();
    one.sent();
  }
  expect(quiet.beat.mock.calls.length).toBeGreaterThanOrEqual(5);
  expect(quiet.beat.mock.calls.length).toBeLessThanOrEqual(7);
  expect(busy.beat).not.toHaveBeenCalled();
  expect(quiet.lost).not.toHaveBeenCalled();
});

it('loses a silent peer within the idle time, though two of its signs may be late, and rests when nobody is left', async () => {
  const clock = new FakeClock();
  const watch = createPeerWatch(30_000, clock);
  const peer = { beat: vi.fn(), lost: vi.fn(() => watch.remove('a')) };
  watch.add('a', peer);
  await clock.advance(25_000);
  expect(peer.lost).not.toHaveBeenCalled();
  await clock.advance(5_000);
  expect(peer.lost).toHaveBeenCalledOnce();
  expect(clock.waiting).toBe(0);
});
