import { randomUUID } from 'node:crypto';
import {
  chooseInboxPartitions,
  createInboxReader,
  createProducer,
  type InboxReader,
  type KafkaRecord,
  type KafkaSettings,
  type RecordProducer,
} from '@kafka-http-proxy/kafka';
import type { ReplyAddress } from '@kafka-http-proxy/protocol';
import { timeoutSignal } from '@kafka-http-proxy/protocol';
import { createRequester, type Requester } from '@kafka-http-proxy/proxy';
import { CONNECT_MS } from '../../connection/connection.js';

/** The clients of one run: one writes requests and marks, one reads answers and marks. */
export interface ReplaySession {
  readonly producer: RecordProducer;
  readonly requester: Requester;
  /**
   * Where answers are read: the partition of a response topic that this run has. Nothing is written to the topic.
   *
   * @throws {KafkaClientFault} when it can't be read
   */
  answersAt(topic: string): Promise<ReplyAddress>;
  /** Reads the first partition of a topic from now on. @throws {KafkaClientFault} when it can't be read */
  follow(topic: string, onRecord: (record: KafkaRecord) => void): Promise<void>;
  close(): Promise<void>;
}

/** How long Kafka may take to acknowledge a record, ms. */
const ACKNOWLEDGED_MS = 15_000;
/** For what is under way when the run ends, ms. */
const FLUSH_MS = 5_000;

/**
 * Connects the clients of a run.
 *
 * @throws {KafkaClientFault} when Kafka is not reached in {@link CONNECT_MS}, or `signal` is aborted before
 */
export async function openSession(
  settings: KafkaSettings,
  { controlTopic, signal }: { readonly controlTopic: string; readonly signal: AbortSignal },
): Promise<ReplaySession> {
  const connecting = AbortSignal.any([signal, timeoutSignal(CONNECT_MS)]);
  const producer = await createProducer(settings, { messageTimeoutMs: ACKNOWLEDGED_MS, signal: connecting });
  const requester = createRequester({ producer, controlTopic, maxRecordBytes: settings.maxRecordBytes });
  const followed = new Map<string, (record: KafkaRecord) => void>();
  const instanceId = randomUUID();
  let reader: InboxReader;
  try {
    reader = await createInboxReader({
      settings,
      producer,
      choosePartitions: (topic, count) =>
        followed.has(topic) ? [0] : chooseInboxPartitions({ configured: undefined, instanceId }, count),
      onRecord: (record) => (followed.get(record.topic) ?? requester.onRecord)(record),
      signal: connecting,
    });
  } catch (error) {
    await producer.close(0);
    throw error;
  }
  return {
    producer,
    requester,
    answersAt: (topic) => reader.open(topic, { silently: true }),
    async follow(topic, onRecord) {
      followed.set(topic, onRecord);
      await reader.open(topic, { silently: true });
    },
    async close() {
      requester.close();
      await reader.close();
      await producer.close(FLUSH_MS);
    },
  };
}
