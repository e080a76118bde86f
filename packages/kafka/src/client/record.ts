import type { KafkaRecord } from '../port/records.js';
import type { RdMessage } from './librdkafka.js';

/** A record as the package gives it, in the shape of our port. */
export function toRecord(message: RdMessage): KafkaRecord {
  return {
    topic: message.topic,
    partition: message.partition,
    offset: message.offset,
    timestampMs: message.timestamp,
    key: message.key,
    value: message.value,
    headers: message.headers ?? [],
  };
}
