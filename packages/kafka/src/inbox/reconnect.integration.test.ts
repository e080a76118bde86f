import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { librdkafka } from '../client/librdkafka.js';
import type { KafkaSettings } from '../port/settings.js';
import { type AdaptiveProducer, createAdaptiveProducer } from '../producer/adaptive-producer.js';
import { createInbox, testRecord, testSettings, testTopic } from '../testing/settings.js';
import { ensureTopics } from '../topics/ensure-topics.js';
import { createInboxReader } from './inbox-reader.js';

const broker = inject('broker');
const topic = testTopic('replies');
/** As a service has them: their properties may be replaced. */
const settings: { -readonly [name in keyof KafkaSettings]: KafkaSettings[name] } = { ...testSettings(broker) };
let producer: AdaptiveProducer;

beforeAll(async () => {
  await ensureTopics(settings, [topic], { partitions: 2, replicationFactor: -1, timeoutMs: 15_000 });
  producer = await createAdaptiveProducer(settings, { messageTimeoutMs: 10_000, codecs: [], inFlight: () => 0 });
});
afterAll(() => producer.close(1000));

it('a reader that connects anew, and its producer, lose no record and read none twice', async () => {
  const inbox = createInbox();
  const reader = await createInboxReader({ settings, producer, choosePartitions: () => [0, 1], onRecord: inbox.take });
  await reader.open(topic);
  const sent: string[] = [];
  let isDone = false;
  const sending = (async () => {
    while (!isDone) {
      const text = `record ${sent.push(`record ${sent.length}`) - 1}`;
      await producer.deliver(testRecord(topic, sent.length % 2, text));
    }
  })();
  for (const clientId of ['second', 'third']) {
    settings.properties = { ...settings.properties, 'client.id': clientId };
    await Promise.all([producer.renew('new properties'), reader.reconnect('new properties')]);
    expect(reader.healthy()).toBe(true);
  }
  isDone = true;
  await sending;
  const read = await inbox.until(sent.length);
  // As many as were sent, and each of them.
  expect(read).toHaveLength(sent.length);
  expect(new Set(read)).toEqual(new Set(sent));
  expect(sent.length).toBeGreaterThan(20);
  await reader.close();
});

it('clients that are made anew have the properties as they are then', async () => {
  const made = vi.spyOn(librdkafka, 'Producer');
  settings.properties = { ...settings.properties, 'client.id': 'fourth' };
  await producer.renew('new properties');
  expect(made.mock.calls.map(([config]) => config?.['client.id'])).toEqual(['fourth', 'fourth']);
  made.mockRestore();
});

it('a producer learns a codec while it sends', async () => {
  const inbox = createInbox();
  const reader = await createInboxReader({ settings, producer, choosePartitions: () => [0], onRecord: inbox.take });
  await reader.open(topic);
  await producer.addCodecs(['lz4', 'lz4']);
  await producer.deliver({ ...testRecord(topic, 0, 'squeezed'), compression: 'lz4' });
  expect(await inbox.until(1)).toEqual(['squeezed']);
  await reader.close();
});
