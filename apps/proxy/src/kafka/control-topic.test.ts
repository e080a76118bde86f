import { KafkaSendError, type OutgoingRecord, type RecordProducer } from '@kafka-http-proxy/kafka';
import { decodeInbox, proxyConfig } from '@kafka-http-proxy/protocol';
import { FakeClock } from '@kafka-http-proxy/streams/testing';
import { expect, it, vi } from 'vitest';
import { partOf } from '../streams/parts.js';
import { createControlTopic } from './control-topic.js';

function setUp(settings: Record<string, unknown> = {}) {
  const sent: OutgoingRecord[] = [];
  const warnings: string[] = [];
  const kafka = { partitions: 3, refusal: null as KafkaSendError | null, asked: 0 };
  const producer: RecordProducer = {
    send(record, settled) {
      sent.push(record);
      queueMicrotask(() => settled(kafka.refusal));
    },
    deliver: (record) =>
      new Promise((resolve, reject) => producer.send(record, (error) => (error ? reject(error) : resolve()))),
    denied: () => Promise.resolve([]),
    partitionsOf: async () => {
      kafka.asked++;
      return kafka.partitions;
    },
    describe: async () => new Map(),
    renew: async () => undefined,
    available: () => true,
    close: async () => undefined,
  };
  const abort = new AbortController();
  const clock = new FakeClock();
  const create = vi.fn(async () => undefined);
  const topic = createControlTopic({
    config: proxyConfig.parse(settings),
    logger: { warn: (text: string) => void warnings.push(text) } as never,
    create,
    nextId: () => 'none',
    signal: abort.signal,
    clock,
  });
  return { topic, producer, sent, warnings, kafka, create, abort, clock };
}
const read = ({ value, headers }: OutgoingRecord) => decodeInbox({ value, headers });

it('is proved by a record that cancels nothing; then records go to an inbox, or to all', async () => {
  const { topic, producer, sent, create } = setUp();
  expect(topic.trouble()).toMatch(/khp-control was not reached/);
  await topic.keep(producer);
  expect(topic.trouble()).toBeNull();
  expect(create).toHaveBeenCalledOnce();
  expect(sent).toMatchObject([{ topic: 'khp-control', partition: 0, key: null }]);
  expect(read(sent[0] as OutgoingRecord)).toMatchObject({
    value: { kind: 'continuation', part: { correlationId: 'none', sequence: { cancel: true, exec: null } } },
  });
  const settled = vi.fn();
  topic.send({ topic: 'khp-control', partition: 2 }, partOf('id', { exec: 'a', seq: 1 }), 'lz4', settled);
  await vi.waitFor(() => expect(settled).toHaveBeenCalledExactlyOnceWith(null), { timeout: 20_000 });
  expect(sent[1]).toMatchObject({ partition: 2, compression: 'lz4' });
  topic.broadcast(partOf('id', { cancel: true }));
  expect(sent.slice(2).map(({ partition }) => partition)).toEqual([0, 1, 2]);
  expect(sent[2]).not.toHaveProperty('compression');
});

it('that may not be written to is tried again, and told of once', async () => {
  const { topic, producer, warnings, kafka, clock } = setUp();
  kafka.refusal = new KafkaSendError('not_authorized', 'Broker: Topic authorization failed', 29);
  await topic.keep(producer);
  // Soon at first, for what is only late; then every ten seconds.
  await clock.advance(250);
  expect(kafka.asked).toBe(2);
  for (let i = 0; i < 10; i++) await clock.advance(10_000);
  expect(topic.trouble()).toMatch(/^control_topic khp-control cannot be written to: .*authorization failed/);
  expect(warnings).toHaveLength(1);
  const { asked } = kafka;
  await clock.advance(10_000);
  expect(kafka.asked).toBe(asked + 1);
  kafka.refusal = null;
  await clock.advance(10_000);
  expect(topic.trouble()).toBeNull();
});

it('has the partitions that it has now, looked up from time to time', async () => {
  const { topic, producer, sent, kafka, abort, clock } = setUp();
  await topic.keep(producer);
  kafka.partitions = 4;
  await clock.advance(299_000);
  expect(kafka.asked).toBe(1);
  await clock.advance(1_000);
  topic.broadcast(partOf('id', { cancel: true }));
  expect(sent).toHaveLength(5);
  abort.abort();
  expect(clock.waiting).toBe(0);
});

it.each([
  ['wire', { wire: 'v1' }],
  ['max_streams', { max_streams: 0 }],
])('is not asked for where %s leaves no streams', async (key, settings) => {
  const { topic, producer, kafka } = setUp(settings);
  await topic.keep(producer);
  expect(topic.trouble()).toContain(key);
  expect(kafka.asked).toBe(0);
});
