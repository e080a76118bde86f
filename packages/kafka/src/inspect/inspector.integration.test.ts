import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { KafkaInspector } from '../port/inspector.js';
import type { RecordProducer } from '../port/producer.js';
import type { WrittenAt } from '../port/records.js';
import { createProducer } from '../producer/producer.js';
import { testRecord, testSettings, testTopic } from '../testing/settings.js';
import { openInspector } from './inspector.js';

const broker = inject('broker');
const settings = testSettings(broker);
let producer: RecordProducer;
let inspector: KafkaInspector;

beforeAll(async () => {
  producer = await createProducer(settings, { messageTimeoutMs: 10_000 });
  inspector = await openInspector(settings, { signal: AbortSignal.timeout(30_000) });
});
afterAll(async () => {
  await inspector.close();
  await producer.close(1000);
});

function write(topic: string, partition: number, text: string): Promise<WrittenAt> {
  return new Promise((resolve, reject) => {
    producer.send(testRecord(topic, partition, text), (error, at) => (error || !at ? reject(error) : resolve(at)));
  });
}

it('tells where Kafka has put a record, and finds it there', async () => {
  const topic = testTopic('inspect');
  await producer.partitionsOf(topic);
  for (const text of ['a', 'b', 'c']) await write(topic, 1, text);
  const at = await write(topic, 1, 'd');
  expect(at).toMatchObject({ partition: 1, offset: 3 });
  expect((await inspector.recordAt({ topic, partition: 1, offset: 1 }))?.value?.toString()).toBe('b');
  expect((await inspector.recordAt({ topic, partition: 1, offset: 3 }))?.value?.toString()).toBe('d');
  expect(await inspector.recordAt({ topic, partition: 1, offset: 4 })).toBeNull();
  expect(await inspector.recordAt({ topic, partition: 999, offset: 0 })).toBeNull();
});

it('reads ranges to the ends that were asked for, whatever comes behind them', async () => {
  const topic = testTopic('inspect');
  await producer.partitionsOf(topic);
  for (const text of ['a', 'b', 'c']) await write(topic, 0, text);
  await write(topic, 2, 'x');
  const partitions = [0, 1, 2].map((partition) => ({ topic, partition }));
  const starts = await inspector.offsets(partitions, 'start');
  const ends = await inspector.offsets(partitions, 'end');
  expect(ends.map(({ offset }) => offset)).toEqual([3, 0, 1]);
  await write(topic, 0, 'later');
  const texts = new Set<string>();
  const ranges = starts.map((start, i) => ({ ...start, from: start.offset, to: ends[i]?.offset ?? 0 }));
  await inspector.read(ranges, (record) => void texts.add(`${record.partition}${record.value}`));
  expect(texts).toEqual(new Set(['0a', '0b', '0c', '2x']));
});

it('reads on without an end until it is told to stop', async () => {
  const topic = testTopic('inspect');
  await producer.partitionsOf(topic);
  const stop = new AbortController();
  const texts: string[] = [];
  const reading = inspector.read(
    [{ topic, partition: 0, from: 0 }],
    (record) => {
      texts.push(String(record.value));
      if (texts.length === 2) stop.abort();
    },
    { signal: stop.signal },
  );
  await write(topic, 0, 'a');
  await write(topic, 0, 'b');
  await reading;
  expect(texts).toEqual(['a', 'b']);
});

it('is denied nothing where there are no ACLs, and hears so at once', async () => {
  const needs = [{ resource: 'topic' as const, name: testTopic('any'), operations: ['Read' as const] }];
  const asked = Date.now();
  expect(await inspector.denied(needs)).toEqual([]);
  expect(Date.now() - asked).toBeLessThan(5000);
});

it('knows the partitions of topics, and nothing of what a group has never committed', async () => {
  const topic = testTopic('inspect');
  await producer.partitionsOf(topic);
  const { brokers, topics } = await inspector.cluster();
  expect(brokers.length).toBeGreaterThan(0);
  expect(topics.get(topic)).toHaveLength(4);
  expect(topics.get(topic)?.[0]).toMatchObject({ partition: 0, replicas: expect.any(Number) });
  expect(topics.has(testTopic('missing'))).toBe(false);
  expect(await inspector.committed(testTopic('group'), [{ topic, partition: 0 }])).toEqual([]);
});

it.runIf(broker.kind === 'kafka')('finds the first record at a time, makes topics and deletes records', async () => {
  const name = testTopic('inspect');
  await inspector.createTopic({
    name,
    partitions: 1,
    replicationFactor: 1,
    config: { 'cleanup.policy': 'delete', 'retention.ms': '3600000' },
  });
  await producer.partitionsOf(name);
  await write(name, 0, 'a');
  await write(name, 0, 'b');
  const at = { topic: name, partition: 0 };
  const second = await inspector.recordAt({ ...at, offset: 1 });
  const [found] = await inspector.offsets([at], second?.timestampMs ?? 0);
  expect(found?.offset).toBeLessThanOrEqual(1);
  expect(await inspector.offsets([at], Date.now() + 60_000)).toEqual([{ ...at, offset: 2 }]);
  await inspector.deleteRecords([{ ...at, offset: 1 }]);
  expect(await inspector.offsets([at], 'start')).toEqual([{ ...at, offset: 1 }]);
  expect(await inspector.recordAt({ ...at, offset: 0 })).toBeNull();
  await expect(inspector.createTopic({ name, partitions: 1, replicationFactor: 1 })).rejects.toThrow(name);
});

it('gives up when it is told to, whatever the attempt is at', async () => {
  // 192.0.2.0/24 is for documents (RFC 5737): nobody answers there.
  const away = testSettings({ bootstrapServers: '192.0.2.1:9092', properties: {} });
  const startedMs = performance.now();
  await expect(openInspector(away, { signal: AbortSignal.timeout(100) })).rejects.toThrow('given up');
  expect(performance.now() - startedMs).toBeLessThan(1900);
});
