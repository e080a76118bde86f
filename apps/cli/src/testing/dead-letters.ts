import { createProducer, type KafkaSettings, type OutgoingRecord } from '@kafka-http-proxy/kafka';
import { letterRecord } from '@kafka-http-proxy/operate/testing';
import type { DeadLetterError, RequestEnvelope } from '@kafka-http-proxy/protocol';

/** What a test knows of its broker. */
export interface TestBroker {
  readonly bootstrapServers: string;
  readonly properties: KafkaSettings['properties'];
}

/** Words of the command line that lead to a broker. */
export function brokerWords({ bootstrapServers, properties }: TestBroker): string[] {
  return ['-b', bootstrapServers, ...Object.entries(properties).flatMap(([name, value]) => ['-X', `${name}=${value}`])];
}

/** Settings of a client that says nothing. */
export function silentSettings({ bootstrapServers, properties }: TestBroker): KafkaSettings {
  const events = { error: () => undefined, log: () => undefined, restarted: () => undefined };
  return { bootstrapServers, clientId: 'test', properties, maxRecordBytes: 8_000_000, events };
}

/** Writes records one after the other, so that their offsets are in their order. */
export async function writeRecords(broker: TestBroker, records: readonly OutgoingRecord[]): Promise<void> {
  const producer = await createProducer(silentSettings(broker), { messageTimeoutMs: 20_000 });
  try {
    const [first] = records;
    // The embedded broker makes a topic when it is asked for.
    if (first) await producer.partitionsOf(first.topic);
    for (const record of records) await producer.deliver(record);
  } finally {
    await producer.close(2000);
  }
}

/** A dead letter of a POST to a backend that refused the connection, but for what a test says. */
export function letterOf(
  topic: string,
  request: Partial<RequestEnvelope> = {},
  error: Partial<DeadLetterError> = {},
  more: Partial<OutgoingRecord> = {},
): OutgoingRecord {
  const { partition, key, value, headers } = letterRecord({ headers: HEADERS, body: BODY, ...request }, error);
  return { topic, partition, key, value, headers, ...more };
}

const HEADERS = ['Host', 'shop', 'Content-Type', 'application/json', 'Authorization', 'Bearer secret'];
const BODY = Buffer.from('{"amount":12}');
