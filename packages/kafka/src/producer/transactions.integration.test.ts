import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { librdkafka, type RdError, type RdProducer } from '../client/librdkafka.js';
import { createRequestConsumer } from '../consumer/request-consumer.js';
import type { RecordProducer } from '../port/producer.js';
import type { MovedOffset, RequestConsumer, RequestConsumerOptions } from '../port/request-consumer.js';
import { createInbox, type TestSettings, testRecord, testSettings, testTopic } from '../testing/settings.js';
import { ensureTopics } from '../topics/ensure-topics.js';
import { createProducer } from './producer.js';

const broker = inject('broker');
const STATISTICS_MS = 300;

type Ended = (error: RdError | null | undefined) => void;

/** What a writer of transactions needs; the product has none. */
interface TransactionalProducer extends RdProducer {
  initTransactions(timeoutMs: number, done: Ended): void;
  beginTransaction(done: Ended): void;
  commitTransaction(timeoutMs: number, done: Ended): void;
  abortTransaction(timeoutMs: number, done: Ended): void;
}

const ended = (action: (done: Ended) => void): Promise<void> =>
  new Promise((resolve, reject) => action((error) => (error ? reject(error) : resolve())));

// The embedded broker has no transactions (docs/decisions/0007-embedded-broker-groups.md).
describe.runIf(broker.kind === 'kafka')('requests in transactions', () => {
  let topic = '';
  let plain: RecordProducer;
  let writer: TransactionalProducer;
  let consumer: RequestConsumer | undefined;

  beforeAll(async () => {
    plain = await createProducer(testSettings(broker), { messageTimeoutMs: 10_000 });
    writer = new librdkafka.Producer({
      ...broker.properties,
      'bootstrap.servers': broker.bootstrapServers,
      'transactional.id': testTopic('writer'),
    }) as TransactionalProducer;
    await ended((done) => writer.connect({ allTopics: false, timeout: 10_000 }, (error) => done(error)));
    writer.setPollInBackground(true);
    await ended((done) => writer.initTransactions(20_000, done));
  });
  afterEach(() => consumer?.close());
  afterAll(async () => {
    await plain.close(1000);
    await new Promise<void>((resolve) => writer.disconnect(() => resolve()));
  });

  /** Writes these in one transaction, and ends it so; `open` leaves it open. */
  async function write(texts: readonly string[], end: 'commit' | 'abort' | 'open'): Promise<void> {
    await ended((done) => writer.beginTransaction(done));
    for (const text of texts) {
      writer.produce(topic, 0, Buffer.from(text), null, null, undefined, [{ correlation_id: text }]);
    }
    await ended((done) => writer.flush(10_000, done));
    if (end !== 'open') await finish(end);
  }

  const finish = (end: 'commit' | 'abort'): Promise<void> =>
    ended((done) =>
      end === 'commit' ? writer.commitTransaction(20_000, done) : writer.abortTransaction(20_000, done),
    );

  async function read(options: Partial<RequestConsumerOptions> = {}) {
    const settings: TestSettings = testSettings(broker);
    const inbox = createInbox();
    const moved: MovedOffset[] = [];
    const made = await createRequestConsumer({
      settings,
      group: topic,
      topics: [topic],
      onRecord(record) {
        made.store(record.topic, record.partition, record.offset + 1);
        inbox.take(record);
      },
      onAssigned: () => undefined,
      onRevoked: () => Promise.resolve(),
      revokeTimeoutMs: 1000,
      statisticsMs: STATISTICS_MS,
      onMoved: (at) => moved.push(at),
      ...options,
    });
    consumer = made;
    return { made, inbox, settings, moved };
  }

  const lagOf = (made: RequestConsumer): number | undefined => made.lag().find(({ partition }) => partition === 0)?.lag;

  it('are read once they are committed; those of an aborted one never are', async () => {
    topic = testTopic('transactions');
    await ensureTopics(testSettings(broker), [topic], { partitions: 1, replicationFactor: -1, timeoutMs: 15_000 });
    await write(['a', 'b'], 'commit');
    await write(['not', 'these'], 'abort');
    await plain.deliver(testRecord(topic, 0, 'c'));
    await write(['d'], 'open');
    const { inbox, settings, moved } = await read();
    expect(await inbox.until(3)).toEqual(['a', 'b', 'c']);
    await finish('commit');
    expect(await inbox.until(4)).toEqual(['a', 'b', 'c', 'd']);
    await write(['nor', 'those'], 'abort');
    await plain.deliver(testRecord(topic, 0, 'e'));
    expect(await inbox.until(5)).toEqual(['a', 'b', 'c', 'd', 'e']);
    // The marks between requests are no requests that retention took, and no standstill.
    expect([settings.restarts, moved]).toEqual([[], []]);
  });

  it('of an aborted one are no lag for who comes then', async () => {
    topic = testTopic('transactions');
    await ensureTopics(testSettings(broker), [topic], { partitions: 1, replicationFactor: -1, timeoutMs: 15_000 });
    await plain.deliver(testRecord(topic, 0, 'a'));
    const first = await read();
    await first.inbox.until(1);
    await write(['not', 'these'], 'abort');
    await first.made.close();
    const second = await read();
    await expect.poll(() => lagOf(second.made), { timeout: 10_000 }).toBe(0);
    await plain.deliver(testRecord(topic, 0, 'b'));
    expect(await second.inbox.until(1)).toEqual(['b']);
  });

  it('are all read with read_uncommitted', async () => {
    topic = testTopic('transactions');
    await ensureTopics(testSettings(broker), [topic], { partitions: 1, replicationFactor: -1, timeoutMs: 15_000 });
    await write(['a'], 'abort');
    await write(['b'], 'commit');
    const { inbox } = await read({ isolationLevel: 'read_uncommitted' });
    expect(await inbox.until(2)).toEqual(['a', 'b']);
  });
});
