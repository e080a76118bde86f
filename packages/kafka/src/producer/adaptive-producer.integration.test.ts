import { expect, inject, it, onTestFinished } from 'vitest';
import { connect, disconnect } from '../client/connect.js';
import { librdkafka, type RdProducer } from '../client/librdkafka.js';
import { clientConfig } from '../client/settings.js';
import { createInboxReader } from '../inbox/inbox-reader.js';
import type { KafkaSendError } from '../port/failures.js';
import { createInbox, testRecord, testSettings, testTopic } from '../testing/settings.js';
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

it('keeps the order of the records of a key while the load changes, and gathers them where it is high', async () => {
  const topic = testTopic('keyed');
  const settings = testSettings(broker);
  await ensureTopics(settings, [topic], { partitions: 1, replicationFactor: -1, timeoutMs: 15_000 });
  let inFlight = 1;
  const producer = await createAdaptiveProducer(settings, { ...ALONE, lingerMs: 20, inFlight: () => inFlight });
  const inbox = createInbox();
  const reading = await createInboxReader({ settings, producer, choosePartitions: () => [0], onRecord: inbox.take });
  onTestFinished(async () => {
    await Promise.all([reading.close(), producer.close(1000)]);
  });
  await reading.open(topic);
  const keys = ['a', 'b', 'c', 'd', 'e'];
  const sent: Promise<void>[] = [];
  for (let i = 0; i < 1000; i++) {
    // A load that changes all the time, with pauses in which everything settles.
    inFlight = i % 7 < 3 ? 1 : 64;
    const key = keys[(i * i) % keys.length] as string;
    sent.push(producer.deliver({ ...testRecord(topic, 0, `${key} ${i}`), key }));
    if (i % 97 === 0) await Promise.all(sent);
    else if (i % 5 === 0) await sent.at(-3);
  }
  await Promise.all(sent);
  const texts = await inbox.until(1000);
  for (const key of keys) {
    const numbers = texts.filter((text) => text.startsWith(key)).map((text) => Number(text.slice(2)));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  }
});

it('sends a record with a key at once where it is alone, and gathers it where it is not', async () => {
  const topic = testTopic('keyed');
  const settings = testSettings(broker);
  await ensureTopics(settings, [topic], { partitions: 1, replicationFactor: -1, timeoutMs: 15_000 });
  let inFlight = 1;
  const producer = await createAdaptiveProducer(settings, { ...ALONE, lingerMs: LINGER_MS, inFlight: () => inFlight });
  onTestFinished(() => producer.close(1000));
  await producer.partitionsOf(topic);
  const tookMs = async (): Promise<number> => {
    const startedMs = performance.now();
    await producer.deliver({ ...testRecord(topic, 0, 'x'), key: 'a' });
    return performance.now() - startedMs;
  };
  expect(await tookMs()).toBeLessThan(LINGER_MS);
  inFlight = 5;
  expect(await tookMs()).toBeGreaterThanOrEqual(LINGER_MS);
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
