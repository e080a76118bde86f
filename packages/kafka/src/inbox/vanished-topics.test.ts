import { expect, it, vi } from 'vitest';
import { createVanishedTopics } from './vanished-topics.js';

function setup() {
  const there = new Map([
    ['a', true],
    ['b', true],
  ]);
  const stop = new AbortController();
  const exists = vi.fn((topic: string) => Promise.resolve(there.get(topic) ?? false));
  const onReturned = vi.fn();
  const topics = () => ['a', 'b'];
  const vanished = createVanishedTopics({ topics, exists, onReturned, signal: stop.signal, everyMs: 1 });
  return { there, exists, onReturned, vanished, stop };
}

it('tells once of a topic that was gone and is back', async () => {
  const { there, exists, onReturned, vanished } = setup();
  there.set('b', false);
  vanished.doubt();
  await vi.waitFor(() => expect(exists.mock.calls.length).toBeGreaterThan(20), { timeout: 20_000 });
  expect(onReturned).not.toHaveBeenCalled();
  there.set('b', true);
  await vi.waitFor(() => expect(onReturned).toHaveBeenCalledWith(['b']), { timeout: 20_000 });
  expect(onReturned).toHaveBeenCalledTimes(1);
});

it('looks a few times on a doubt, and not without one', async () => {
  const { exists, onReturned, vanished } = setup();
  expect(exists).not.toHaveBeenCalled();
  vanished.doubt();
  await vi.waitFor(() => expect(exists).toHaveBeenCalledTimes(8), { timeout: 20_000 });
  expect(onReturned).not.toHaveBeenCalled();
});

it('does not take an absent Kafka for a deleted topic', async () => {
  const { exists, onReturned, vanished } = setup();
  exists.mockRejectedValueOnce(new Error('away')).mockRejectedValueOnce(new Error('away'));
  vanished.doubt();
  await vi.waitFor(() => expect(exists).toHaveBeenCalledTimes(8), { timeout: 20_000 });
  expect(onReturned).not.toHaveBeenCalled();
});
