import { expect, it, vi } from 'vitest';
import type { RecordProducer } from '../port/producer.js';
import type { TopicState } from '../port/topics.js';
import { createTopicKeeper, type TopicKeeperOptions } from './topic-keeper.js';

function setup(about: Partial<TopicKeeperOptions> = {}) {
  const there = new Map<string, TopicState | null>();
  const renew = vi.fn(() => Promise.resolve());
  const producer = { describe: () => Promise.resolve(new Map(there)), renew } as unknown as RecordProducer;
  const logger = { error: vi.fn(), warn: vi.fn(), info: vi.fn() };
  const ensure = vi.fn(() => Promise.resolve());
  const onRemade = vi.fn();
  const stop = new AbortController();
  const keeper = createTopicKeeper({
    settings: {} as TopicKeeperOptions['settings'],
    needed: ['requests'],
    optional: ['control'],
    creation: { partitions: 2, replicationFactor: 1 },
    producer: () => producer,
    onRemade,
    logger,
    signal: stop.signal,
    ensure,
    ...about,
  });
  return { there, renew, logger, ensure, onRemade, keeper, stop };
}

it('makes again what is missing, and is in trouble for what is needed only', async () => {
  const { there, ensure, logger, keeper, stop } = setup();
  there.set('requests', null).set('control', null);
  await keeper.keep();
  // At a start that is nothing to warn of.
  expect(logger.warn).not.toHaveBeenCalled();
  expect(ensure).toHaveBeenCalledWith(
    expect.anything(),
    ['requests', 'control'],
    expect.objectContaining({ partitions: 2 }),
  );
  expect(keeper.troubles()).toEqual(['topic requests does not exist: it is being made again']);
  there.set('requests', { id: '1', partitions: 2 });
  await keeper.keep();
  expect(keeper.troubles()).toEqual([]);
  there.set('requests', null);
  await keeper.keep();
  expect(logger.warn).toHaveBeenCalledWith('missing in Kafka: control, requests. They are made again');
  stop.abort();
});

it('says once that somebody else has to make them', async () => {
  const { there, ensure, logger, keeper, stop } = setup({ creation: null });
  there.set('requests', null);
  await keeper.keep();
  await keeper.keep();
  expect(ensure).not.toHaveBeenCalled();
  expect(logger.error.mock.calls).toEqual([['missing in Kafka: requests. create_topics is false: make them']]);
  expect(keeper.troubles()).toEqual(['topic requests does not exist: make it (create_topics is false)']);
  stop.abort();
});

it('has the producer made anew before the others are told', async () => {
  const { there, renew, onRemade, keeper, stop } = setup();
  there.set('requests', { id: '1', partitions: 2 });
  await keeper.keep();
  renew.mockImplementationOnce(async () => expect(onRemade).not.toHaveBeenCalled());
  there.set('requests', { id: '2', partitions: 2 });
  await keeper.keep();
  expect(renew).toHaveBeenCalledTimes(1);
  expect(onRemade).toHaveBeenCalledWith(['requests']);
  stop.abort();
});
