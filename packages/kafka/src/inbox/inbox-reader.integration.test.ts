import { afterAll, afterEach, beforeAll, expect, inject, it, vi } from 'vitest';
import { librdkafka, type RdConsumer } from '../client/librdkafka.js';
import type { InboxReader, InboxReaderOptions } from '../port/inbox-reader.js';
import type { RecordProducer } from '../port/producer.js';
import { createProducer } from '../producer/producer.js';
import { createInbox, type Inbox, testRecord, testSettings, testTopic } from '../testing/settings.js';
import { ensureTopics } from '../topics/ensure-topics.js';
import { createInboxReader } from './inbox-reader.js';

const broker = inject('broker');
const topic = testTopic('replies');
const second = testTopic('replies');
let producer: RecordProducer;
const readers: InboxReader[] = [];

beforeAll(async () => {
  const settings = testSettings(broker);
  await ensureTopics(settings, [topic, second], { partitions: -1, replicationFactor: -1, timeoutMs: 15_000 });
  producer = await createProducer(settings, { messageTimeoutMs: 10_000 });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(readers.splice(0).map((reader) => reader.close()));
});
afterAll(() => producer.close(1000));

async function startReader(options: Partial<InboxReaderOptions> = {}): Promise<{ reader: InboxReader; inbox: Inbox }> {
  const inbox = createInbox();
  const reader = await createInboxReader({
    settings: testSettings(broker),
    producer,
    choosePartitions: () => [0],
    onRecord: inbox.take,
    ...options,
  });
  readers.push(reader);
  return { reader, inbox };
}

it('gets the first record sent after open(), 50 fresh readers in a row', async () => {
  for (let i = 0; i < 50; i++) {
    const { reader, inbox } = await startReader({ choosePartitions: (_, count) => [i % count] });
    const address = await reader.open(topic);
    await producer.deliver(testRecord(topic, address.partition ?? -1, `first ${i}`));
    expect(await inbox.until(1)).toEqual([`first ${i}`]);
    await reader.close();
  }
});

it('hands over nothing from before open(), and no canary', async () => {
  await producer.deliver(testRecord(topic, 0, 'before'));
  const { reader, inbox } = await startReader();
  expect(await reader.open(topic)).toEqual({ topic, partition: 0 });
  const other = await startReader();
  await other.reader.open(topic);
  await producer.deliver(testRecord(topic, 0, 'after'));
  expect(await inbox.until(1)).toEqual(['after']);
});

it('opens a second topic while the first flows', async () => {
  const { reader, inbox } = await startReader();
  await reader.open(topic);
  const flowing = Promise.all(Array.from({ length: 100 }, (_, i) => producer.deliver(testRecord(topic, 0, `a${i}`))));
  await reader.open(second);
  await producer.deliver(testRecord(second, 0, 'b'));
  await flowing;
  const texts = await inbox.until(101);
  expect(texts.filter((text) => text !== 'b')).toEqual(Array.from({ length: 100 }, (_, i) => `a${i}`));
  expect(reader.topics()).toEqual([topic, second]);
});

it('shares the work of calls for one topic, and knows the address at once afterwards', async () => {
  const choosePartitions = vi.fn(() => [1]);
  const { reader } = await startReader({ choosePartitions });
  expect(reader.addressOf(topic)).toBeUndefined();
  const [a, b] = await Promise.all([reader.open(topic), reader.open(topic)]);
  expect(a).toEqual({ topic, partition: 1 });
  expect(b).toBe(a);
  expect(reader.addressOf(topic)).toBe(a);
  expect(choosePartitions).toHaveBeenCalledTimes(1);
});

it('reads all partitions under an address that names none', async () => {
  const { reader, inbox } = await startReader({ choosePartitions: (_, count) => [...Array(count).keys()] });
  expect(await reader.open(topic)).toEqual({ topic, partition: null });
  const count = await producer.partitionsOf(topic);
  for (let i = 0; i < count; i++) await producer.deliver(testRecord(topic, i, `p${i}`));
  expect(new Set(await inbox.until(count))).toEqual(new Set(Array.from({ length: count }, (_, i) => `p${i}`)));
});

it('refuses a partition that the topic does not have, and may be asked again', async () => {
  let choice = [999];
  const { reader } = await startReader({ choosePartitions: () => choice });
  await expect(reader.open(topic)).rejects.toMatchObject({ name: 'KafkaClientFault' });
  choice = [2];
  expect(await reader.open(topic)).toEqual({ topic, partition: 2 });
});

it('closes at once while records stream in', async () => {
  for (let i = 0; i < 5; i++) {
    const { reader, inbox } = await startReader();
    await reader.open(topic);
    const flood = Promise.all(Array.from({ length: 3000 }, (_, n) => producer.deliver(testRecord(topic, 0, `${n}`))));
    await inbox.until(10);
    const started = performance.now();
    await reader.close();
    expect(performance.now() - started).toBeLessThan(2000);
    await flood;
  }
});

it('is made anew when its reading loop dies, and loses and doubles nothing', async () => {
  const settings = testSettings(broker);
  const loops = deadLoops();
  const { reader, inbox } = await startReader({ settings, watchdogMs: 200 });
  await reader.open(topic);
  await reader.open(second);
  await producer.deliver(testRecord(topic, 0, '1'));
  await inbox.until(1);
  loops.die();
  await producer.deliver(testRecord(topic, 0, '2'));
  await producer.deliver(testRecord(second, 0, '3'));
  await expect.poll(() => settings.restarts.length, { timeout: 10_000 }).toBe(1);
  expect(reader.healthy()).toBe(false);
  expect(sorted(await inbox.until(3))).toEqual(['1', '2', '3']);
  await expect.poll(() => reader.healthy(), { timeout: 10_000 }).toBe(true);
  await producer.deliver(testRecord(topic, 0, '4'));
  expect(sorted(await inbox.until(4))).toEqual(['1', '2', '3', '4']);
});

it('leaves a quiet reader alone while canaries come back', async () => {
  const settings = testSettings(broker);
  const send = vi.spyOn(producer, 'deliver');
  const { reader } = await startReader({ settings, watchdogMs: 50 });
  await reader.open(topic);
  await expect.poll(() => send.mock.calls.length, { timeout: 10_000 }).toBeGreaterThan(5);
  expect(settings.restarts).toEqual([]);
  expect(reader.healthy()).toBe(true);
});

it('does not take an absent Kafka for a dead loop', async () => {
  const settings = testSettings(broker);
  const { reader } = await startReader({ settings, watchdogMs: 50 });
  await reader.open(topic);
  const send = vi.spyOn(producer, 'deliver').mockRejectedValue(new Error('away'));
  await expect.poll(() => send.mock.calls.length, { timeout: 10_000 }).toBeGreaterThan(5);
  expect(settings.restarts).toEqual([]);
  expect(reader.healthy()).toBe(true);
});

const sorted = (texts: readonly string[]): string[] => [...texts].sort((a, b) => a.localeCompare(b));

/** From `die()` on, the loops that were started before it hand over nothing, as one that ended does. */
function deadLoops(): { die(): void } {
  let generation = 0;
  const prototype = librdkafka.KafkaConsumer.prototype as RdConsumer;
  const consume = prototype.consume;
  vi.spyOn(prototype, 'consume').mockImplementation(function (this: RdConsumer, each, ...polled: unknown[]) {
    const mine = generation;
    const alive: typeof each = (error, message) => {
      if (mine === generation) each(error, message);
    };
    // A single poll is no loop.
    Reflect.apply(consume, this, typeof each === 'function' ? [alive] : [each, ...polled]);
  });
  return {
    die() {
      generation++;
    },
  };
}

it('reads a topic that may be somebody else’s without a record of ours in it', async () => {
  const foreign = testTopic('foreign');
  await ensureTopics(testSettings(broker), [foreign], { partitions: 2, replicationFactor: -1, timeoutMs: 15_000 });
  const deliver = vi.spyOn(producer, 'deliver');
  const written = (to: string) => deliver.mock.calls.filter(([record]) => record.topic === to).length;
  const { reader, inbox } = await startReader({ watchdogMs: 100 });
  await reader.open(topic);
  expect(await reader.open(foreign, { silently: true })).toEqual({ topic: foreign, partition: 0 });
  const before = written(topic);
  // The watchdog has gone round several times.
  await expect.poll(() => written(topic)).toBeGreaterThan(before + 3);
  expect(written(foreign)).toBe(0);
  await producer.deliver(testRecord(foreign, 0, 'reply'));
  expect(await inbox.until(1)).toEqual(['reply']);
});

it('reads a topic no longer that was released, and may open it again', async () => {
  const { reader, inbox } = await startReader();
  await reader.open(topic);
  await reader.open(second, { silently: true });
  reader.release(second);
  reader.release(second);
  expect(reader.topics()).toEqual([topic]);
  expect(reader.addressOf(second)).toBeUndefined();
  await producer.deliver(testRecord(second, 0, 'nobody reads it'));
  await reader.open(second, { silently: true });
  await producer.deliver(testRecord(second, 0, 'again'));
  await producer.deliver(testRecord(topic, 0, 'the other'));
  expect(new Set(await inbox.until(2))).toEqual(new Set(['again', 'the other']));
});
