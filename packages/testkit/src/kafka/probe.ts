import { randomUUID } from 'node:crypto';
import {
  createProducer,
  createRequestConsumer,
  type KafkaRecord,
  type KafkaSettings,
  type OutgoingRecord,
  type RequestConsumer,
} from '@kafka-http-proxy/kafka';
import type { BrokerUnderTest } from '../services/bridge.js';

/** Client settings for a test: its own name, and silence. */
export function testSettings(broker: BrokerUnderTest): KafkaSettings {
  return {
    bootstrapServers: broker.bootstrapServers,
    clientId: 'test',
    properties: broker.properties,
    maxRecordBytes: 1_000_000,
    events: { error: () => undefined, log: () => undefined, restarted: () => undefined },
  };
}

/** Writes records, each acknowledged. */
export async function produceAll(broker: BrokerUnderTest, records: readonly OutgoingRecord[]): Promise<void> {
  const producer = await createProducer(testSettings(broker), { messageTimeoutMs: 10_000 });
  try {
    await Promise.all(records.map((record) => producer.deliver(record)));
  } finally {
    await producer.close(1000);
  }
}

/** Reads a topic from its beginning, whatever becomes of the brokers and of its partitions. */
export function readTopic(
  broker: BrokerUnderTest,
  topic: string,
  onRecord: (record: KafkaRecord) => void,
): Promise<RequestConsumer> {
  return createRequestConsumer({
    settings: testSettings(broker),
    group: `probe-${randomUUID()}`,
    topics: [topic],
    onRecord,
    onAssigned: () => undefined,
    onRevoked: () => Promise.resolve(),
    revokeTimeoutMs: 1000,
  });
}

/** Reads a topic from its beginning until `enough` says so. */
export async function readUntil(
  broker: BrokerUnderTest,
  topic: string,
  enough: (records: readonly KafkaRecord[]) => boolean,
): Promise<KafkaRecord[]> {
  const records: KafkaRecord[] = [];
  let done: () => void = () => undefined;
  const read = new Promise<void>((resolve) => {
    done = resolve;
  });
  const consumer = await readTopic(broker, topic, (record) => {
    records.push(record);
    if (enough(records)) done();
  });
  await read;
  await consumer.close();
  return records;
}
