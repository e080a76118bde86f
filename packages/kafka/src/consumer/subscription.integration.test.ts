import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RecordProducer } from '../port/producer.js';
import type { GroupProtocol, RequestConsumer, RequestConsumerOptions } from '../port/request-consumer.js';
import { createProducer } from '../producer/producer.js';
import { createInbox, testRecord, testSettings, testTopic } from '../testing/settings.js';
import { ensureTopics } from '../topics/ensure-topics.js';
import { createRequestConsumer } from './request-consumer.js';

const broker = inject('broker');
/** KIP-848 came with Kafka 4. */
const PROTOCOLS: GroupProtocol[] =
  broker.kind === 'kafka' && !/^[23]\./.test(process.env.KHP_KAFKA_VERSION ?? '')
    ? ['classic', 'consumer']
    : ['classic'];
let producer: RecordProducer;
const consumers: RequestConsumer[] = [];

beforeAll(async () => {
  producer = await createProducer(testSettings(broker), { messageTimeoutMs: 10_000 });
});
afterEach(async () => {
  await Promise.all(consumers.splice(0).map((consumer) => consumer.close()));
});
afterAll(() => producer.close(1000));

async function topics(count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, i) => testTopic(`topic${i}`));
  await ensureTopics(testSettings(broker), names, { partitions: -1, replicationFactor: -1, timeoutMs: 15_000 });
  return names;
}

/** A member of one group that stores each record as it comes, and notes what is given and taken. */
async function join(names: readonly string[], options: Partial<RequestConsumerOptions> = {}) {
  const inbox = createInbox();
  const events: string[] = [];
  const note = (what: string, partitions: readonly { topic: string }[]) =>
    events.push(...new Set(partitions.map(({ topic }) => `${what} ${names.indexOf(topic)}`)));
  const consumer = await createRequestConsumer({
    settings: testSettings(broker),
    group: names[0] as string,
    topics: names.slice(0, 1),
    onRecord(record) {
      consumer.store(record.topic, record.partition, record.offset + 1);
      inbox.take(record);
    },
    onAssigned: (partitions) => note('came', partitions),
    onRevoked(partitions, lost) {
      note(lost ? 'lost' : 'went', partitions);
      return Promise.resolve();
    },
    revokeTimeoutMs: 1000,
    ...options,
  });
  consumers.push(consumer);
  await expect.poll(() => consumer.assignments().length, { timeout: 20_000 }).toBeGreaterThan(0);
  return { consumer, inbox, events };
}

describe.each(PROTOCOLS)('a member by the protocol %s', { timeout: 60_000 }, (protocol) => {
  it('reads a topic more, and one less, while it keeps the partitions that stay', async () => {
    const names = await topics(2);
    const [a, b] = names as [string, string];
    const { consumer, inbox, events } = await join(names, { protocol });
    events.length = 0;
    await consumer.subscribe([a, b]);
    await expect.poll(() => events, { timeout: 20_000 }).toEqual(['came 1']);
    await producer.deliver(testRecord(b, 0, 'of the new one'));
    await producer.deliver(testRecord(a, 0, 'of the old one'));
    expect(new Set(await inbox.until(2))).toEqual(new Set(['of the new one', 'of the old one']));

    events.length = 0;
    await consumer.subscribe([a]);
    expect(events).toEqual(['went 1']);
    await producer.deliver(testRecord(b, 0, 'for nobody'));
    await producer.deliver(testRecord(a, 0, 'of the one that stays'));
    expect((await inbox.until(3)).at(-1)).toBe('of the one that stays');

    // What it had read of the topic was committed when that went.
    await consumer.subscribe([b, a]);
    expect((await inbox.until(4)).at(-1)).toBe('for nobody');
  });

  it('leaves and joins again without a loss and without reading anything twice', async () => {
    const names = await topics(1);
    const [a] = names as [string];
    const { consumer, inbox, events } = await join(names, { protocol });
    await producer.deliver(testRecord(a, 0, '0'));
    await inbox.until(1);
    events.length = 0;
    const rejoined = consumer.rejoin('another password');
    await producer.deliver(testRecord(a, 0, '1'));
    await rejoined;
    expect(events).toEqual(['went 0', 'came 0']);
    await producer.deliver(testRecord(a, 0, '2'));
    expect(await inbox.until(3)).toEqual(['0', '1', '2']);
  });

  it('closes while it leaves to join again', async () => {
    const names = await topics(1);
    const { consumer } = await join(names, { protocol });
    const rejoined = consumer.rejoin('another password');
    await Promise.all([consumer.close(), rejoined]);
    expect(consumer.assignments()).toEqual([]);
  });
});
