import { expect, it, vi } from 'vitest';
import type { TopicState } from '../port/topics.js';
import { createTopicWatch } from './topic-watch.js';

function setup(first: Record<string, TopicState | null>) {
  const there = new Map(Object.entries(first));
  const names = Object.keys(first);
  const stop = new AbortController();
  const describe = vi.fn((_topics: readonly string[]) => Promise.resolve(new Map(there)));
  const onMissing = vi.fn(() => Promise.resolve());
  const onRemade = vi.fn(() => Promise.resolve());
  const { signal } = stop;
  const watch = createTopicWatch({
    topics: () => names,
    describe,
    onMissing,
    onRemade,
    signal,
    everyMs: 3_600_000,
  });
  return { there, names, describe, onMissing, onRemade, watch, stop };
}

const state = (id: string | null, partitions = 3): TopicState => ({ id, partitions });

it('tells of a topic that has another id, once', async () => {
  const { there, onRemade, watch, stop } = setup({ a: state('1'), b: state('2') });
  await watch.check();
  there.set('b', state('3'));
  await watch.check();
  await watch.check();
  expect(onRemade.mock.calls).toEqual([[['b']]]);
  stop.abort();
});

it('tells of a topic that was gone and is back, where brokers have no ids', async () => {
  const { there, onRemade, onMissing, watch, stop } = setup({ a: state(null) });
  await watch.check();
  there.set('a', null);
  await watch.check();
  expect(watch.missing()).toEqual(['a']);
  expect(onMissing).toHaveBeenCalledWith(['a']);
  there.set('a', state(null));
  await watch.check();
  await watch.check();
  expect(watch.missing()).toEqual([]);
  expect(onRemade.mock.calls).toEqual([[['a']]]);
  stop.abort();
});

it('takes a topic with fewer partitions for another one, and one with more for the same', async () => {
  const { there, onRemade, watch, stop } = setup({ a: state(null, 2) });
  await watch.check();
  there.set('a', state(null, 4));
  await watch.check();
  expect(onRemade).not.toHaveBeenCalled();
  there.set('a', state(null, 1));
  await watch.check();
  expect(onRemade.mock.calls).toEqual([[['a']]]);
  stop.abort();
});

it('does not take a topic that comes to be for one that was made again', async () => {
  const { there, onRemade, watch, stop } = setup({ a: null });
  await watch.check();
  there.set('a', state('1'));
  await watch.check();
  expect(onRemade).not.toHaveBeenCalled();
  expect(watch.missing()).toEqual([]);
  stop.abort();
});

it('keeps what it knows while Kafka does not answer, or hides a topic', async () => {
  const { there, describe, onRemade, watch, stop } = setup({ a: state('1'), b: null });
  await watch.check();
  describe.mockRejectedValueOnce(new Error('away'));
  await watch.check();
  there.delete('b');
  await watch.check();
  expect(watch.missing()).toEqual(['b']);
  expect(onRemade).not.toHaveBeenCalled();
  stop.abort();
});

it('looks at the topics that it is given at each look, and misses none of the others', async () => {
  const { names, there, describe, onMissing, watch, stop } = setup({ orders: null });
  await watch.check();
  expect(watch.missing()).toEqual(['orders']);
  names.splice(0, 1, 'users');
  there.clear();
  there.set('users', state('u'));
  await watch.check();
  expect(describe).toHaveBeenLastCalledWith(['users']);
  expect(watch.missing()).toEqual([]);
  expect(onMissing).toHaveBeenCalledTimes(1);
  stop.abort();
});
