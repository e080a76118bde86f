import { CommonFacts, type Facts, KIND, type Span } from '../port/span.js';
import type { Trace } from '../port/trace.js';
import type { Tracing } from '../port/tracing.js';

/*
 * Attributes of spans over Kafka, by the semantic conventions 1.44.0 (in development):
 * https://opentelemetry.io/docs/specs/semconv/messaging/kafka/
 */

/** Where a record is. */
export interface RecordPlace {
  readonly partition: number;
  readonly offset: number;
}

/** What spans of records say. */
export interface RecordFacts {
  readonly topic: string;
  /** As it may be shown. */
  readonly correlationId: string;
  /** `client.id` of the producer, or of the consumer. */
  readonly clientId: string;
  /** Of its value; 0 where it has none. */
  readonly bodyBytes: number;
  /** Where it is; null where that is not known. */
  readonly at: RecordPlace | null;
  /** Why Kafka did not take it, or what came of it, by our code; null where that was well. */
  readonly error: string | null;
}

/** Begins `send {topic}`. @param parentId of whoever sends */
export function beginSend(tracing: Tracing, trace: Trace, parentId: string, topic: string): Span {
  return tracing.begin(trace, parentId, KIND.producer, `send ${topic}`);
}

/** Ends `send {topic}`: Kafka has the record, or never will. */
export function endSend(tracing: Tracing, span: Span, record: RecordFacts): void {
  const { topic, clientId, correlationId, bodyBytes, at, error } = record;
  span.common = commonOf('send', topic, clientId, null);
  span.facts = ownOf(correlationId, bodyBytes, at, error);
  span.failed = error !== null;
  tracing.end(span);
}

/** Gives a span the attributes of `process {topic}`. @param group null: it reads without one */
export function describeProcess(span: Span, record: RecordFacts, group: string | null): void {
  span.common = commonOf('process', record.topic, record.clientId, group);
  span.facts = ownOf(record.correlationId, record.bodyBytes, record.at, record.error);
}

function ownOf(correlationId: string, bodyBytes: number, at: RecordPlace | null, error: string | null): Facts {
  // One literal for nearly all of them: a list that grows is copied.
  if (at !== null && error === null) {
    return [
      'messaging.message.conversation_id',
      correlationId,
      'messaging.message.body.size',
      bodyBytes,
      'messaging.destination.partition.id',
      String(at.partition),
      'messaging.kafka.offset',
      at.offset,
    ];
  }
  const facts = ['messaging.message.conversation_id', correlationId, 'messaging.message.body.size', bodyBytes];
  if (at !== null) {
    facts.push('messaging.destination.partition.id', String(at.partition), 'messaging.kafka.offset', at.offset);
  }
  if (error !== null) facts.push('error.type', error);
  return facts;
}

/** Clients may name topics: more than these are not kept. */
const MOST_KEPT = 500;
const kept = { send: new Map<string, CommonFacts>(), process: new Map<string, CommonFacts>() };

/** What all spans of an operation on a topic have alike. A process has one client of each kind, and a topic one group. */
function commonOf(operation: 'send' | 'process', topic: string, clientId: string, group: string | null): CommonFacts {
  const topics = kept[operation];
  let common = topics.get(topic);
  if (
    common === undefined ||
    common.facts[COMMON_CLIENT] !== clientId ||
    (common.facts[COMMON_GROUP] ?? null) !== group
  ) {
    if (topics.size >= MOST_KEPT) topics.clear();
    common = new CommonFacts([
      'messaging.system',
      'kafka',
      'messaging.operation.name',
      operation,
      'messaging.operation.type',
      operation,
      'messaging.destination.name',
      topic,
      'messaging.client.id',
      clientId,
      ...(group === null ? [] : ['messaging.consumer.group.name', group]),
    ]);
    topics.set(topic, common);
  }
  return common;
}

/** Where they stand in the list. */
const COMMON_CLIENT = 9;
const COMMON_GROUP = 11;
