import type { KafkaConsumer, Message } from '@confluentinc/kafka-javascript';
import { type ClientJob, openConsumer } from '../connections/kafka-clients.js';

/** What a reader of the floor reads: all partitions of a topic by a group, or one by assignment from its end. */
export interface ReadFrom extends ClientJob {
  /** Null: a group, which the topic names. */
  readonly partition: number | null;
}

/** Reads without end; resolves when what is written from now on will be read. Set up as `packages/kafka` sets it up. */
export async function readRecords(from: ReadFrom, onRecord: (message: Message) => void): Promise<void> {
  const { topic, partition } = from;
  const consumer = await openConsumer(from, {
    'partition.assignment.strategy': 'cooperative-sticky',
    'enable.auto.commit': partition === null,
    // What is written while its group is still joined is not to be skipped.
    'auto.offset.reset': 'earliest',
    'queued.min.messages': partition === null ? 1000 : 10_000,
    'isolation.level': 'read_uncommitted',
  });
  if (partition === null) consumer.subscribe([topic]);
  else consumer.assign([{ topic, partition, offset: await endOffset(consumer, topic, partition) }]);
  consumer.consume((error, message) => {
    // Typed as an array; it is one message.
    if (!error) onRecord(message as unknown as Message);
  });
}

function endOffset(consumer: KafkaConsumer, topic: string, partition: number): Promise<number> {
  return new Promise((resolve, reject) => {
    consumer.queryWatermarkOffsets(topic, partition, 5000, (error, offsets) =>
      error ? reject(error) : resolve(offsets.highOffset),
    );
  });
}

/** The text of one header of a record. */
export function header({ headers = [] }: Message, name: string): string {
  for (const one of headers) {
    const value = (one as Record<string, unknown>)[name];
    if (value !== undefined) return String(value);
  }
  return '';
}
