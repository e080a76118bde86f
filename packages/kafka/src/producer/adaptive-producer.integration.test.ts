import { expect, inject, it, onTestFinished } from 'vitest';
import { connect, disconnect } from '../client/connect.js';
import { librdkafka, type RdProducer } from '../client/librdkafka.js';
import { clientConfig } from '../client/settings.js';
import { createInboxReader } from '../inbox/inbox-reader.js';
import type { KafkaSendError } from '../port/failures.js';
import { testRecord, testSettings, testTopic } from '../testing/settings.js';
import { ensureTopics } from '../topics/ensure-topics.js';
import { type AdaptiveOptions, createAdaptiveProducer } from './adaptive-producer.js';

const broker = inject('broker');
const ALONE: AdaptiveOptions = { messageTimeoutMs: 10_000, codecs: [], inFlight: () => 1 };
const COMPRESSING: AdaptiveOptions = { ...ALONE, codecs: ['lz4'] };
/** Far above what any record takes. */
const LINGER_MS = 1500;

const outcome = (sent: Promise<void>): Promise<KafkaSendError | null> =>
  sent.then(
    () => null,
    (error: KafkaSendError) => error,
  );

it('gathers records that may overtake others when many requests are under way, and only those', async () => {
  const topic = testTopic('gathered');
  const settings = testSettings(broker);
  await ensureTopics(settings, [topic], { partitions: 1, replicationFactor: -1, timeoutMs: 15_000 });
  let inFlight = 5;
  const producer = await createAdaptiveProducer(settings, {
    ...ALONE,
    lingerMs: LINGER_MS,
    inFlight: () => inFlight,
  });
  onTestFinished(() => producer.close(1000));
  await producer.partitionsOf(topic);
  const tookMs = async (unordered: boolean): Promise<number> => {
    const startedMs = performance.now();
    await producer.deliver({ ...testRecord(topic, 0, 'x'), unordered });
    return performance.now() - startedMs;
  };

  expect(await tookMs(true)).toBeGreaterThanOrEqual(LINGER_MS);
  expect(await tookMs(false)).toBeLessThan(LINGER_MS);
  inFlight = 4;
  expect(await tookMs(true)).toBeLessThan(LINGER_MS);
});

it('gathers records with a key too, and those of a key stay in the order in which they were sent', async () => {
  const topic = testTopic('keyed');
  const settings = testSettings(broker);
  await ensureTopics(settings, [topic], { partitions: 1, replicationFactor: -1, timeoutMs: 15_000 });
  let inFlight = 1;
  const producer = await createAdaptiveProducer(settings, { ...ALONE, lingerMs: 20, inFlight: () => inFlight });
  const seen = new Map<string, number[]>();
  const reading = await createInboxReader({
    settings,
    producer,
    choosePartitions: () => [0],
    onRecord: ({ key, value }) => {
      const name = String(key);
      seen.set(name, [...(seen.get(name) ?? []), Number(value)]);
    },
  });
  onTestFinished(async () => {
    await reading.close();
    await producer.close(1000);
  });
  await reading.open(topic);
  const sent: Promise<void>[] = [];
  for (let i = 0; i < 600; i++) {
    // The load changes while records of all keys are under way; now and then none is.
    inFlight = i % 7 < 3 ? 1 : 100;
    if (i % 150 === 149) await Promise.all(sent);
    const record = { topic, partition: 0, key: `key-${i % 5}`, value: Buffer.from(String(i)), headers: [] };
    sent.push(producer.deliver(record));
  }
  await Promise.all(sent);
  await expect.poll(() => [...seen.values()].flat().length).toBe(600);
  for (const values of seen.values()) expect(values).toEqual([...values].sort((a, b) => a - b));

  inFlight = 100;
  const startedMs = performance.now();
  await producer.deliver({ topic, partition: 0, key: 'new', value: Buffer.from('0'), headers: [] });
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(20);
});

it('leaves linger.ms to the operator, for all records', async () => {
  const topic = testTopic('lingering');
  const settings = testSettings(broker, { 'linger.ms': 0 });
  await ensureTopics(settings, [topic], { partitions: 1, replicationFactor: -1, timeoutMs: 15_000 });
  const producer = await createAdaptiveProducer(settings, { ...ALONE, lingerMs: LINGER_MS, inFlight: () => 100 });
  onTestFinished(() => producer.close(1000));
  await producer.partitionsOf(topic);
  const startedMs = performance.now();
  await producer.deliver({ ...testRecord(topic, 0, 'x'), unordered: true });
  expect(performance.now() - startedMs).toBeLessThan(LINGER_MS);
});

it('compresses the records that ask for it, and they come back as they were', async () => {
  const compressing = await createAdaptiveProducer(testSettings(broker), COMPRESSING);
  const value = Buffer.alloc(200_000, 'abc');
  const reading = await createInboxReader({
    settings: testSettings(broker),
    producer: compressing,
    choosePartitions: () => [0],
    onRecord: (record) => records.push(record.value),
  });
  const records: (Buffer | null)[] = [];
  const to = testTopic('compressed');
  await ensureTopics(testSettings(broker), [to], { partitions: 1, replicationFactor: -1, timeoutMs: 15_000 });
  await reading.open(to);
  await compressing.deliver({ topic: to, partition: 0, key: null, value, headers: [], compression: 'lz4' });
  await compressing.deliver({ topic: to, partition: 0, key: null, value, headers: [] });
  await expect.poll(() => records.length).toBe(2);
  expect(records).toEqual([value, value]);
  await Promise.all([reading.close(), compressing.close(1000)]);
});

it.runIf(broker.kind === 'kafka')('gets by compression below a limit that the plain record is over', async () => {
  const settings = testSettings(broker);
  const to = testTopic('narrow');
  const admin = await connect('admin', settings.events, () => {
    return new librdkafka.Producer(clientConfig(settings, 'admin', {}, {})) as RdProducer;
  });
  const narrow = {
    topic: to,
    num_partitions: 1,
    replication_factor: 1,
    config: { 'max.message.bytes': '20000' },
  };
  await new Promise<void>((resolve, reject) => {
    librdkafka.AdminClient.createFrom(admin).createTopic(narrow, 5000, (error) => (error ? reject(error) : resolve()));
  });
  await disconnect(admin);
  const compressing = await createAdaptiveProducer(settings, COMPRESSING);
  const record = { topic: to, partition: 0, key: null, value: Buffer.alloc(200_000, 'abc'), headers: [] };
  expect(await outcome(compressing.deliver({ ...record, compression: 'lz4' }))).toBeNull();
  expect(await outcome(compressing.deliver(record))).toMatchObject({ failure: 'too_large' });
  await compressing.close(1000);
});
