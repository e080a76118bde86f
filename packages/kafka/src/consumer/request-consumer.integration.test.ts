import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest';
import { librdkafka, type RdConsumer, type RdError, type RdMessage } from '../client/librdkafka.js';
import type { RecordProducer } from '../port/producer.js';
import type { KafkaRecord } from '../port/records.js';
import type { RequestConsumer, RequestConsumerOptions } from '../port/request-consumer.js';
import type { TopicStates } from '../port/topics.js';
import { createProducer } from '../producer/producer.js';
import { createInbox, type Inbox, testRecord, testSettings, testTopic } from '../testing/settings.js';
import { ensureTopics } from '../topics/ensure-topics.js';
import { createRequestConsumer } from './request-consumer.js';

const broker = inject('broker');
const created = { partitions: -1, replicationFactor: -1, timeoutMs: 15_000 };
let producer: RecordProducer;
let topic = '';
const consumers: RequestConsumer[] = [];

beforeAll(async () => {
  producer = await createProducer(testSettings(broker), { messageTimeoutMs: 10_000 });
});
beforeEach(async () => {
  topic = testTopic('requests');
  await ensureTopics(testSettings(broker), [topic], created);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(consumers.splice(0).map((consumer) => consumer.close()));
});
afterAll(() => producer.close(1000));

interface Member {
  readonly consumer: RequestConsumer;
  readonly inbox: Inbox;
  readonly records: KafkaRecord[];
  readonly revoked: Array<{ partitions: number[]; lost: boolean }>;
}

/** A member that stores each record as it comes, unless `store` is false. */
async function join(options: Partial<RequestConsumerOptions> & { store?: boolean } = {}): Promise<Member> {
  const inbox = createInbox();
  const records: KafkaRecord[] = [];
  const revoked: Member['revoked'] = [];
  const consumer = await createRequestConsumer({
    settings: testSettings(broker),
    group: topic,
    topics: [topic],
    onRecord(record) {
      if (options.store !== false) consumer.store(record.topic, record.partition, record.offset + 1);
      records.push(record);
      inbox.take(record);
    },
    onAssigned: () => undefined,
    onRevoked(partitions, lost) {
      revoked.push({ partitions: partitions.map(({ partition }) => partition).sort((a, b) => a - b), lost });
      return Promise.resolve();
    },
    revokeTimeoutMs: 1000,
    ...options,
  });
  consumers.push(consumer);
  return { consumer, inbox, records, revoked };
}

const texts = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => String(from + i));

async function send(from: number, to: number, partition = 0): Promise<void> {
  await Promise.all(texts(from, to).map((text) => producer.deliver(testRecord(topic, partition, text))));
}

it('reads a partition in order from its beginning, records as they were sent', async () => {
  await send(0, 20);
  await producer.deliver({
    topic,
    partition: 0,
    key: 'k',
    value: null,
    headers: [{ a: '1' }, { a: Buffer.from([0]) }],
  });
  const { consumer, inbox, records } = await join();
  expect(await inbox.until(21)).toEqual([...texts(0, 20), 'null']);
  expect(records[20]).toMatchObject({ topic, partition: 0, offset: 20, key: Buffer.from('k'), value: null });
  expect(records[20]?.headers).toEqual([{ a: Buffer.from('1') }, { a: Buffer.from([0]) }]);
  expect(Math.abs((records[20]?.timestampMs ?? 0) - Date.now())).toBeLessThan(60_000);
  expect(consumer.healthy()).toBe(true);
  expect(consumer.assignments()).toHaveLength(4);
});

it('commits at close what was stored, and only that', async () => {
  await send(0, 10);
  const first = await join({ store: false });
  await first.inbox.until(10);
  first.consumer.store(topic, 0, 4);
  await Promise.all([first.consumer.close(), first.consumer.close()]);
  expect(first.revoked).toEqual([{ partitions: [0, 1, 2, 3], lost: false }]);
  expect(first.consumer.healthy()).toBe(false);
  const next = await join();
  expect(await next.inbox.until(6)).toEqual(texts(4, 10));
});

it('stores what is finished while the partitions are being given up', async () => {
  await send(0, 10);
  const first = await join({
    store: false,
    onRevoked: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      first.consumer.store(topic, 0, 10);
    },
  });
  await first.inbox.until(10);
  await first.consumer.close();
  // No longer ours: ignored.
  first.consumer.store(topic, 0, 2);
  await send(10, 11);
  const next = await join();
  expect(await next.inbox.until(1)).toEqual(['10']);
});

it('shares partitions with a second member, and loses and doubles nothing on the way', async () => {
  const a = await join();
  await expect.poll(() => a.consumer.assignments().length, { timeout: 20_000 }).toBe(4);
  let sent = 0;
  let stop = false;
  const pump = (async () => {
    for (; !stop; sent++) await producer.deliver(testRecord(topic, sent % 4, String(sent)));
  })();
  let b: Member;
  try {
    b = await join();
    await expect.poll(() => b.consumer.assignments().length, { timeout: 30_000 }).toBe(2);
    await b.inbox.until(1);
    await b.consumer.close();
    await expect.poll(() => a.consumer.assignments().length, { timeout: 30_000 }).toBe(4);
  } finally {
    stop = true;
    await pump;
  }
  await vi.waitFor(() => expect(a.inbox.texts.length + b.inbox.texts.length).toBeGreaterThanOrEqual(sent), 20_000);
  expect([...a.inbox.texts, ...b.inbox.texts].map(Number).sort((x, y) => x - y)).toEqual(texts(0, sent).map(Number));
  expect(a.revoked.some(({ lost }) => lost)).toBe(false);
});

it('leaves at once while records stream in', async () => {
  for (let i = 0; i < 3; i++) {
    const { consumer, inbox } = await join({ group: `${topic}-${i}` });
    const flood = send(0, 3000);
    await inbox.until(10);
    const started = performance.now();
    await consumer.close();
    expect(performance.now() - started).toBeLessThan(3000);
    await flood;
  }
});

it('waits for the work of a revoked partition no longer than it was told', async () => {
  const slow = await join({ revokeTimeoutMs: 200, onRevoked: () => new Promise(() => undefined) });
  await expect.poll(() => slow.consumer.assignments().length, { timeout: 20_000 }).toBe(4);
  const started = performance.now();
  await slow.consumer.close();
  expect(performance.now() - started).toBeGreaterThan(190);
  expect(performance.now() - started).toBeLessThan(4000);
});

it('says nothing of partitions that came when it was closed already', async () => {
  const settings = testSettings(broker);
  const assign = vi.spyOn(librdkafka.KafkaConsumer.prototype, 'incrementalAssign');
  let tell: (states: TopicStates) => void = () => undefined;
  const describe = vi.fn(() => new Promise<TopicStates>((resolve) => (tell = resolve)));
  const { consumer } = await join({ settings, describe, revokeTimeoutMs: 100 });
  await expect.poll(() => describe.mock.calls).toHaveLength(1);
  await consumer.close();
  tell(new Map());
  await expect.poll(() => assign.mock.results.map(({ type }) => type)).toEqual(['throw']);
  await new Promise(setImmediate);
  expect(settings.errors).toEqual([]);
});

it('hands over nothing of a paused partition until it is resumed', async () => {
  const { consumer, inbox } = await join();
  await send(0, 1);
  await inbox.until(1);
  consumer.pause([{ topic, partition: 0 }]);
  await send(1, 5);
  await send(100, 101, 1);
  expect(await inbox.until(2)).toEqual(['0', '100']);
  consumer.resume([{ topic, partition: 0 }]);
  expect((await inbox.until(6)).slice(2)).toEqual(texts(1, 5));
  consumer.pause([{ topic: 'not ours', partition: 7 }]);
});

it('tells the lag of each partition', async () => {
  const { consumer, inbox } = await join({ statisticsMs: 200 });
  await send(0, 3);
  await inbox.until(3);
  await expect.poll(() => consumer.lag(), { timeout: 10_000 }).toContainEqual({ topic, partition: 0, lag: 0 });
});

it('joins anew when its polls do not come back: what was not stored comes again', async () => {
  const settings = testSettings(broker);
  const polls = deadPolls();
  const { consumer, inbox, revoked } = await join({ settings, statisticsMs: 300, store: false });
  await send(0, 5);
  await inbox.until(5);
  consumer.store(topic, 0, 3);
  polls.die();
  await expect
    .poll(() => settings.restarts, { timeout: 20_000 })
    .toEqual(['request_consumer the reading loop gave no sign of life']);
  await send(5, 6);
  expect((await inbox.until(8)).slice(5)).toEqual(texts(3, 6));
  expect(revoked).toEqual([{ partitions: [0, 1, 2, 3], lost: true }]);
  expect(consumer.healthy()).toBe(true);
});

/** From `die()` on, the consumers made before it hand over neither records nor statistics. */
function deadPolls(): { die(): void } {
  let generation = 0;
  const prototype = librdkafka.KafkaConsumer.prototype as RdConsumer;
  const consume = prototype.consume as (count: number, done: PollDone) => void;
  const born = new WeakMap<object, number>();
  vi.spyOn(prototype as { consume: typeof consume }, 'consume').mockImplementation(function (
    this: object,
    count,
    done,
  ) {
    if (!born.has(this)) born.set(this, generation);
    const alive: PollDone = (error, messages) => {
      if (born.get(this) === generation) done(error, messages);
    };
    Reflect.apply(consume, this, [count, alive]);
  });
  const events = prototype as unknown as { emit(this: object, event: string, ...rest: unknown[]): boolean };
  const emit = events.emit;
  vi.spyOn(events, 'emit').mockImplementation(function (this: object, event, ...rest) {
    const dead = event === 'event.stats' && (born.get(this) ?? generation) !== generation;
    return dead || emit.call(this, event, ...rest);
  });
  return {
    die() {
      generation++;
    },
  };
}

type PollDone = (error: RdError | null | undefined, messages: RdMessage[]) => void;
