import type { KafkaSendError, OutgoingRecord, WrittenAt } from '@kafka-http-proxy/kafka';
import { shownId } from '@kafka-http-proxy/protocol';
import { beginSend, contextOf, endSend, type Span } from '@kafka-http-proxy/tracing';
import type { Sampled } from './traced-run.js';

/** The span of a reply, or of a dead letter. */
export function beginDelivery({ tracing, trace, process }: Sampled, topic: string): Span {
  return beginSend(tracing, trace, process.spanId, topic);
}

/** Header of a reply's record: whose span sent it. */
export function contextHeader({ trace }: Sampled, span: Span): Record<string, string> {
  return { traceparent: contextOf(trace, span.spanId).traceparent };
}

/** Kafka has the record, or never will. @param error why, and null where it has */
export function endDelivery(
  { tracing, clientId }: Sampled,
  span: Span,
  { topic, value }: Pick<OutgoingRecord, 'topic' | 'value'>,
  correlationId: string | null,
  error: KafkaSendError | 'abandoned' | null,
  at: WrittenAt | undefined,
): void {
  endSend(tracing, span, {
    topic,
    correlationId: shownId(correlationId ?? ''),
    clientId,
    bodyBytes: value?.length ?? 0,
    at: at ?? null,
    error: error === null ? null : error === 'abandoned' ? error : error.failure,
  });
}
