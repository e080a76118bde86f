import { createProducer, type KafkaSettings, type OutgoingRecord, type WrittenAt } from '@kafka-http-proxy/kafka';
import type { BrokerUnderTest } from '@kafka-http-proxy/testkit';

/** Writes records where a test wants them. */
export interface TopicWriter {
  /** Makes a topic by asking for it. @returns how many partitions it has */
  open(topic: string): Promise<number>;
  /** Resolves when Kafka has it. */
  write(record: Pick<OutgoingRecord, 'topic' | 'value' | 'headers'> & Partial<OutgoingRecord>): Promise<WrittenAt>;
  close(): Promise<void>;
}

/** Connects a producer to the broker of the run. */
export async function openTopicWriter({ bootstrapServers, properties }: BrokerUnderTest): Promise<TopicWriter> {
  const settings: KafkaSettings = {
    bootstrapServers,
    clientId: 'test',
    properties,
    maxRecordBytes: 1_000_000,
    events: { error: () => undefined, log: () => undefined, restarted: () => undefined },
  };
  const producer = await createProducer(settings, { messageTimeoutMs: 10_000 });
  return {
    open: (topic) => producer.partitionsOf(topic),
    write: (record) =>
      new Promise((resolve, reject) => {
        producer.send({ partition: 0, key: null, ...record }, (error, at) =>
          error || !at ? reject(error ?? new Error('no place')) : resolve(at),
        );
      }),
    close: () => producer.close(1000),
  };
}
