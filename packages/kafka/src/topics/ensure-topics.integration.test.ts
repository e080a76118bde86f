import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { RecordProducer } from '../port/producer.js';
import { createProducer } from '../producer/producer.js';
import { testSettings, testTopic } from '../testing/settings.js';
import { ensureTopics } from './ensure-topics.js';

const broker = inject('broker');
const settings = testSettings(broker);
let producer: RecordProducer;

beforeAll(async () => {
  producer = await createProducer(settings, { messageTimeoutMs: 10_000 });
});
afterAll(() => producer.close(1000));

it('creates what is missing, with leaders, and bears with what is there', async () => {
  const [a, b] = [testTopic('ensure'), testTopic('ensure')];
  const creation = { partitions: -1, replicationFactor: -1, timeoutMs: 15_000 };
  await ensureTopics(settings, [a], creation);
  await Promise.all([ensureTopics(settings, [a, b], creation), ensureTopics(settings, [b, a], creation)]);
  expect(await producer.partitionsOf(a)).toBe(4);
  expect(await producer.partitionsOf(b)).toBe(4);
});

it('does nothing for no topics', async () => {
  const away = testSettings({ bootstrapServers: '127.0.0.1:1', properties: {} });
  await ensureTopics(away, [], { partitions: -1, replicationFactor: -1, timeoutMs: 1 });
});

it('fails in the time it is given when no broker answers', async () => {
  const away = testSettings({ bootstrapServers: '127.0.0.1:1', properties: {} });
  const started = performance.now();
  const ensured = ensureTopics(away, ['a'], { partitions: -1, replicationFactor: -1, timeoutMs: 500 });
  await expect(ensured).rejects.toMatchObject({ name: 'KafkaClientFault' });
  expect(performance.now() - started).toBeLessThan(4000);
});

it.runIf(broker.kind === 'kafka')('gives a new topic the partitions asked for', async () => {
  const topic = testTopic('ensure');
  await ensureTopics(settings, [topic], { partitions: 7, replicationFactor: 1, timeoutMs: 15_000 });
  expect(await producer.partitionsOf(topic)).toBe(7);
});

it.runIf(broker.kind === 'kafka')('names the topic that cannot be created, and why', async () => {
  const topic = testTopic('ensure');
  const ensured = ensureTopics(settings, [topic], { partitions: 1, replicationFactor: 99, timeoutMs: 15_000 });
  await expect(ensured).rejects.toThrow(new RegExp(`creating topic ${topic}: .*(INVALID_REPLICATION_FACTOR)`));
});
