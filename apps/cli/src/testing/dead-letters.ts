import { createProducer, type KafkaSettings, type OutgoingRecord } from '@kafka-http-proxy/kafka';
import { DEAD_LETTER_HEADER } from '@kafka-http-proxy/operate';
import { type DeadLetterError, encodeRequest, type RequestEnvelope } from '@kafka-http-proxy/protocol';

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
  const { value, headers } = encodeRequest({ ...REQUEST, ...request });
  const why = { [DEAD_LETTER_HEADER]: JSON.stringify({ ...ERROR, ...error }) };
  return { topic, partition: 0, key: null, value, headers: [...headers, why], ...more };
}

const REQUEST: RequestEnvelope = {
  version: 2,
  correlationId: 'wBa9fPOA-abcdefghijkl.0123456789abcdef',
  method: 'POST',
  target: '/orders/7?x=1',
  headers: ['Host', 'shop', 'Content-Type', 'application/json', 'Authorization', 'Bearer secret'],
  client: '10.0.0.7',
  deadlineMs: 1_790_000_030_000,
  reply: { topic: 'orders-responses', partition: 3 },
  trace: null,
  body: Buffer.from('{"amount":12}'),
  trailers: null,
  more: false,
};

const ERROR: DeadLetterError = {
  code: 'backend_unreachable',
  message: 'The backend refused the connection.',
  topic: 'orders-requests',
  partition: 0,
  offset: 3,
  timestamp: 1_790_000_000_000,
  attempts: 1,
  group: 'processors',
  sent: 'no',
  status: 502,
};
