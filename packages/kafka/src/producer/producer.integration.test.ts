import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, inject, it, onTestFinished } from 'vitest';
import { connect, disconnect } from '../client/connect.js';
import { librdkafka } from '../client/librdkafka.js';
import { clientConfig } from '../client/settings.js';
import { startEmbeddedBroker } from '../embedded-broker.js';
import type { KafkaSendError } from '../port/failures.js';
import type { RecordProducer } from '../port/producer.js';
import { testRecord, testSettings, testTopic } from '../testing/settings.js';
import { ensureTopics } from '../topics/ensure-topics.js';
import { createProducer } from './producer.js';

const broker = inject('broker');
const topic = testTopic('producer');
let producer: RecordProducer;

beforeAll(async () => {
  const settings = testSettings(broker);
  await ensureTopics(settings, [topic], { partitions: -1, replicationFactor: -1, timeoutMs: 15_000 });
  producer = await createProducer(settings, { messageTimeoutMs: 10_000 });
});
afterAll(() => producer.close(1000));

/** The failure of a record, or null. */
const outcome = (sent: Promise<void>): Promise<KafkaSendError | null> =>
  sent.then(
    () => null,
    (error: KafkaSendError) => error,
  );

it('acknowledges records, with and without key and value', async () => {
  await producer.deliver(testRecord(topic, 0, 'hello'));
  await producer.deliver({ topic, partition: null, key: 'k', value: null, headers: [] });
  await producer.deliver({ topic, partition: null, key: Buffer.from([0, 255]), value: Buffer.alloc(0), headers: [] });
  expect(producer.available()).toBe(true);
});

it('knows how many partitions a topic has', async () => {
  expect(await producer.partitionsOf(topic)).toBeGreaterThan(0);
});

it('refuses a partition that does not exist, and a record over the limit', async () => {
  const nowhere = await outcome(producer.deliver(testRecord(topic, 999, 'x')));
  expect(nowhere).toMatchObject({ name: 'KafkaSendError', failure: 'unknown_topic' });
  const large = await outcome(producer.deliver({ ...testRecord(topic, 0, ''), value: Buffer.alloc(1_050_000) }));
  expect(large).toMatchObject({ failure: 'too_large' });
});

it.runIf(broker.kind === 'kafka')('tells that a compacted topic takes no record without a key', async () => {
  const compacted = testTopic('compacted');
  const settings = testSettings(broker);
  const client = await connect(
    'admin',
    settings.events,
    () => new librdkafka.Producer(clientConfig(settings, 'admin', {}, {})),
  );
  const topicOf = {
    topic: compacted,
    num_partitions: 1,
    replication_factor: 1,
    config: { 'cleanup.policy': 'compact' },
  };
  await new Promise<void>((resolve, reject) => {
    librdkafka.AdminClient.createFrom(client).createTopic(topicOf, 10_000, (error) =>
      error ? reject(error) : resolve(),
    );
  });
  await disconnect(client);
  await producer.partitionsOf(compacted);
  expect(await outcome(producer.deliver(testRecord(compacted, 0, 'x')))).toMatchObject({ failure: 'no_key' });
  await producer.deliver({ ...testRecord(compacted, 0, 'x'), key: 'k' });
});

it('never calls back before send returns, whatever is wrong', async () => {
  let returned = false;
  const settled = new Promise<boolean>((resolve) => {
    producer.send({ ...testRecord(topic, 0, ''), value: Buffer.alloc(2_000_000) }, () => resolve(returned));
    returned = true;
  });
  expect(await settled).toBe(true);
});

it.runIf(broker.kind === 'kafka')('gives a topic that cannot exist up in seconds', async () => {
  const started = performance.now();
  const illegal = await outcome(producer.deliver(testRecord('no such topic!', 0, 'x')));
  expect(illegal).toMatchObject({ failure: 'unknown_topic' });
  expect(performance.now() - started).toBeLessThan(5000);
});

it('leaves no topic behind that a record names and that is not there, where it is not to create any', async () => {
  const strict = await createProducer(testSettings(broker), { messageTimeoutMs: 10_000, createsTopics: false });
  onTestFinished(() => strict.close(1000));
  const absent = testTopic('absent');
  expect(await outcome(strict.deliver(testRecord(absent, 0, 'x')))).toMatchObject({ failure: 'unknown_topic' });
  const record = { topic: absent, partition: null, key: null, value: null, headers: [] };
  expect(await outcome(strict.deliver(record))).toMatchObject({ failure: 'unknown_topic' });
  // It never asks for one to be made, so it can look.
  expect(await strict.partitionsOf(absent)).toBe(0);
  await strict.deliver(testRecord(topic, 0, 'goes on'));
});

it('settles each record once when the queue is full', async () => {
  const small = await createProducer(testSettings(broker, { 'queue.buffering.max.messages': 10 }), {
    messageTimeoutMs: 10_000,
    lingerMs: 50,
  });
  const counts = new Map<number, number>();
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, (_, i) => {
      return new Promise<KafkaSendError | null>((resolve) => {
        small.send(testRecord(topic, 0, String(i)), (error) => {
          counts.set(i, (counts.get(i) ?? 0) + 1);
          resolve(error);
        });
      });
    }),
  );
  await small.close(1000);
  const full = outcomes.filter((error) => error?.failure === 'queue_full').length;
  const sent = outcomes.filter((error) => error === null).length;
  expect(full).toBeGreaterThan(100);
  expect(sent).toBeGreaterThan(0);
  expect(full + sent).toBe(200);
  expect([...counts.values()].every((count) => count === 1)).toBe(true);
});

it('flushes what is queued when it is closed', async () => {
  const closing = await createProducer(testSettings(broker), { messageTimeoutMs: 10_000, lingerMs: 500 });
  await closing.partitionsOf(topic);
  const sent = Array.from({ length: 50 }, (_, i) => outcome(closing.deliver(testRecord(topic, 0, String(i)))));
  await closing.close(5000);
  expect(await Promise.all(sent)).toEqual(Array(50).fill(null));
  await closing.close(5000);
  expect(await outcome(closing.deliver(testRecord(topic, 0, 'late')))).toMatchObject({ failure: 'unavailable' });
});

it('is unavailable when the brokers go, and settles all records when it is closed', async () => {
  const doomed = await startEmbeddedBroker();
  const settings = testSettings(doomed);
  const orphan = await createProducer(settings, { messageTimeoutMs: 60_000 });
  await orphan.deliver(testRecord('t', 0, 'x'));
  await doomed.close();
  await expect.poll(() => orphan.available(), { timeout: 5000 }).toBe(false);
  const sent = Array.from({ length: 20 }, (_, i) => outcome(orphan.deliver(testRecord('t', 0, String(i)))));
  await orphan.close(100);
  for (const error of await Promise.all(sent)) expect(error).toMatchObject({ failure: 'unavailable' });
  expect(settings.errors).toContain('producer _ALL_BROKERS_DOWN');
});

it('is unavailable while the brokers stand still with their connections open, and available again after that', async () => {
  const host = spawn(process.execPath, ['--input-type=module', '-e', HOSTED], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void host.kill('SIGKILL'));
  const [line] = (await once(host.stdout, 'data')) as [Buffer];
  const settings = testSettings({ ...broker, bootstrapServers: String(line).trim() });
  const waiting = await createProducer(settings, { messageTimeoutMs: 60_000 });
  await waiting.deliver(testRecord('t', 0, 'x'));
  host.kill('SIGSTOP');
  // One thread takes the signal and stops the others: on a busy machine these may serve on for a moment.
  await expect.poll(() => readFileSync(`/proc/${host.pid}/stat`, 'utf8')).toContain(') T ');
  const sent = outcome(waiting.deliver(testRecord('t', 0, 'y')));
  await expect.poll(() => waiting.available(), { timeout: 8000 }).toBe(false);
  host.kill('SIGCONT');
  await expect.poll(() => waiting.available(), { timeout: 5000 }).toBe(true);
  expect(await sent).toBeNull();
  await waiting.close(1000);
});

it('connects when the first broker comes up after it', async () => {
  const late = await startForwarder(broker.bootstrapServers);
  await late.close();
  const settings = testSettings({ ...broker, bootstrapServers: `127.0.0.1:${late.port}` });
  const connecting = createProducer(settings, { messageTimeoutMs: 10_000 });
  await expect.poll(() => settings.errors.length, { timeout: 5000 }).toBeGreaterThan(0);
  const forwarder = await startForwarder(broker.bootstrapServers, late.port);
  const connected = await connecting;
  await connected.deliver(testRecord(topic, 0, 'at last'));
  await connected.close(1000);
  await forwarder.close();
});

it('stops to connect when it is told to', async () => {
  const closed = await startForwarder(broker.bootstrapServers);
  await closed.close();
  const settings = testSettings({ ...broker, bootstrapServers: `127.0.0.1:${closed.port}` });
  const connecting = createProducer(settings, { messageTimeoutMs: 1000, signal: AbortSignal.timeout(100) });
  await expect(connecting).rejects.toMatchObject({ name: 'KafkaClientFault' });
});

it('refuses a property that librdkafka does not have, at once', async () => {
  const connecting = createProducer(testSettings(broker, { 'no.such.property': 1 }), { messageTimeoutMs: 1000 });
  await expect(connecting).rejects.toThrow(/configuring the Kafka client: .*no\.such\.property/);
});

/** A program that hosts an embedded broker, so that it can be stopped. */
const HOSTED = `
  const { startEmbeddedBroker } = await import(${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)});
  console.log((await startEmbeddedBroker()).bootstrapServers);
`;

/** A port that leads to the broker: `bootstrap.servers` can come and go while the broker stays. */
async function startForwarder(to: string, port = 0): Promise<{ port: number; close(): Promise<void> }> {
  const [host = '', number = ''] = (to.split(',')[0] ?? '').split(':');
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    const upstream = dial(Number(number), host);
    for (const end of [socket, upstream]) {
      sockets.add(end);
      end.on('error', () => undefined);
    }
    socket.pipe(upstream).pipe(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
