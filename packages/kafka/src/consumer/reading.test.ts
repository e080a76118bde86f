import { expect, it, onTestFinished, vi } from 'vitest';
import { CODE } from '../client/errors.js';
import type { RdConsumer, RdError, RdMessage } from '../client/librdkafka.js';
import { AT_ONCE, createReading } from './reading.js';

type Done = (error: RdError | null, messages?: RdMessage[]) => void;

const message = (offset: number) => ({ topic: 'a', partition: 0, offset }) as RdMessage;
const messages = (count: number) => Array.from({ length: count }, (_, i) => message(i));

function setup() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const polls: Done[] = [];
  const client = {
    isConnected: () => true,
    setDefaultConsumeTimeout: vi.fn(),
    consume: (_: number, done: Done) => polls.push(done),
  };
  const got: number[] = [];
  const onWarning = vi.fn();
  const onFailed = vi.fn();
  const reading = createReading(client as unknown as RdConsumer, {
    onMessage: ({ offset }) => got.push(offset),
    onWarning,
    onFailed,
  });
  return { client, polls, got, onWarning, onFailed, reading };
}

it('polls without waiting, so that no thread is held', () => {
  const { client, polls } = setup();
  expect(client.setDefaultConsumeTimeout).toHaveBeenCalledWith(0);
  expect(polls).toHaveLength(1);
});

it('asks for more only when what it asked for was handled, and at once where there may be more', () => {
  const { polls, got, reading } = setup();
  reading.wake();
  reading.wake();
  expect(polls).toHaveLength(1);
  polls[0]?.(null, messages(AT_ONCE));
  expect(got).toHaveLength(AT_ONCE);
  expect(polls).toHaveLength(2);
  polls[1]?.(null, messages(3));
  expect(polls).toHaveLength(2);
  reading.wake();
  expect(polls).toHaveLength(3);
});

it('polls again after it was woken during a poll', () => {
  const { polls, reading } = setup();
  reading.wake();
  polls[0]?.(null, []);
  expect(polls).toHaveLength(2);
});

it('polls from time to time without being woken', () => {
  const { polls } = setup();
  polls[0]?.(null, []);
  vi.advanceTimersByTime(1000);
  expect(polls).toHaveLength(2);
});

it('reads on after an error of one topic', () => {
  const { polls, onWarning, onFailed } = setup();
  const error = { code: CODE.topicNotAuthorized, message: 'no' };
  polls[0]?.(error);
  expect(onWarning).toHaveBeenCalledWith(error);
  expect(onFailed).not.toHaveBeenCalled();
  expect(polls).toHaveLength(2);
});

it('tells of any other error at once, and reads nothing more', () => {
  const { polls, onFailed, reading } = setup();
  const error = { code: CODE.groupNotAuthorized, message: 'no' };
  polls[0]?.(error);
  expect(onFailed).toHaveBeenCalledWith(error);
  reading.wake();
  vi.advanceTimersByTime(10_000);
  expect(polls).toHaveLength(1);
});

it('has stopped when its last poll is back, whose records are dropped', async () => {
  const { polls, got, reading } = setup();
  const told = vi.fn();
  const stopped = reading.stop().then(told);
  await Promise.resolve();
  expect(told).not.toHaveBeenCalled();
  polls[0]?.(null, messages(2));
  await stopped;
  expect(got).toEqual([]);
  await reading.stop();
});
