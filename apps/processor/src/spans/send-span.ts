import type { KafkaSendError, OutgoingRecord, WrittenAt } from '@kafka-http-proxy/kafka';
import { shownId } from '@kafka-http-proxy/protocol';
import { contextOf, describeSend, KIND, type Span } from '@kafka-http-proxy/tracing';
import type { Sampled } from './traced-run.js';

/** The span of a record that is to be sent. */
export function beginSend({ tracing, trace, process }: Sampled, topic: string): Span {
  return tracing.begin(trace, process.spanId, KIND.producer, `send ${topic}`);
}

/** Header of a reply's record: whose span sent it. */
export function sentBy({ trace }: Sampled, span: Span): Record<string, string> {
  return { traceparent: contextOf(trace, span.spanId).traceparent };
}

/** Kafka has the record, or never will. @param error why, and null where it has */
export function endSend(
  { tracing, clientId }: Sampled,
  span: Span,
  { topic, value }: Pick<OutgoingRecord, 'topic' | 'value'>,
  correlationId: string | null,
  error: KafkaSendError | 'abandoned' | null,
  at: WrittenAt | undefined,
): void {
  describeSend(span, {
    topic,
    correlationId: shownId(correlationId ?? ''),
    clientId,
    bodyBytes: value?.length ?? 0,
    at: at ?? null,
    error: error === null ? null : error === 'abandoned' ? error : error.failure,
  });
  span.failed = error !== null;
  tracing.end(span);
}
