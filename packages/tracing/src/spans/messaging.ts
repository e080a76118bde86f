import type { Facts } from '../port/span.js';

/*
 * Attributes of spans over Kafka, by the semantic conventions 1.44.0 (in development):
 * https://opentelemetry.io/docs/specs/semconv/messaging/kafka/
 */

/** Where a record is. */
export interface RecordPlace {
  readonly partition: number;
  readonly offset: number;
}

/** A record that is sent, or was tried to. */
export interface SentRecord {
  readonly topic: string;
  /** As it may be shown. */
  readonly correlationId: string;
  /** `client.id` of the producer. */
  readonly clientId: string;
  /** Of its value; 0 where it has none. */
  readonly bodyBytes: number;
  /** Where Kafka put it; null where that is not known. */
  readonly at: RecordPlace | null;
  /** Why Kafka did not take it, by our code; null where it did. */
  readonly error: string | null;
}

/** The attributes of `send {topic}`. */
export function sendFacts({ topic, correlationId, clientId, bodyBytes, at, error }: SentRecord): Facts {
  const facts = [
    'messaging.system',
    'kafka',
    'messaging.operation.name',
    'send',
    'messaging.operation.type',
    'send',
    'messaging.destination.name',
    topic,
    'messaging.message.conversation_id',
    correlationId,
    'messaging.message.body.size',
    bodyBytes,
    'messaging.client.id',
    clientId,
  ];
  if (at !== null)
    facts.push('messaging.destination.partition.id', String(at.partition), 'messaging.kafka.offset', at.offset);
  if (error !== null) facts.push('error.type', error);
  return facts;
}

/** A record that is processed. */
export interface ProcessedRecord {
  readonly topic: string;
  /** Null where that is not known. */
  readonly at: RecordPlace | null;
  /** As it may be shown. */
  readonly correlationId: string;
  /** `client.id` of the consumer. */
  readonly clientId: string;
  /** Null: it reads without a group. */
  readonly group: string | null;
  /** Of its value; 0 where it has none. */
  readonly bodyBytes: number;
  /** What came of it, by our code; null where that was well. */
  readonly error: string | null;
}

/** The attributes of `process {topic}`. */
export function processFacts(record: ProcessedRecord): Facts {
  const { topic, at, correlationId, clientId, group, bodyBytes, error } = record;
  const facts = [
    'messaging.system',
    'kafka',
    'messaging.operation.name',
    'process',
    'messaging.operation.type',
    'process',
    'messaging.destination.name',
    topic,
    'messaging.message.conversation_id',
    correlationId,
    'messaging.message.body.size',
    bodyBytes,
    'messaging.client.id',
    clientId,
  ];
  if (at !== null)
    facts.push('messaging.destination.partition.id', String(at.partition), 'messaging.kafka.offset', at.offset);
  if (group !== null) facts.push('messaging.consumer.group.name', group);
  if (error !== null) facts.push('error.type', error);
  return facts;
}
