import type { BridgeError, ReplyEnvelope, TraceContext } from '@kafka-http-proxy/protocol';
import { parseTraceparent, shownId } from '@kafka-http-proxy/protocol';
import {
  contextOf,
  KIND,
  processFacts,
  type RecordPlace,
  type Span,
  sendFacts,
  type Trace,
  type Tracing,
} from '@kafka-http-proxy/tracing';

/** A request whose trace was decided: it has spans where that is sampled. */
export interface TracedRequest {
  readonly tracing: Tracing;
  readonly trace: Trace;
  /** Null: it is not sampled. */
  readonly server: Span | null;
  /** `client.id` of our Kafka clients. */
  readonly clientId: string;
}

/** A sampled request. */
export type Sampled = TracedRequest & { readonly server: Span };

/** The request, where spans are made of it. */
export function sampledOf(traced: TracedRequest | null | undefined): Sampled | null {
  return traced != null && traced.server !== null ? (traced as Sampled) : null;
}

/** The span of a record that is to be sent. */
export function beginSend({ tracing, trace, server }: Sampled, topic: string): Span {
  return tracing.begin(trace, server.spanId, KIND.producer, `send ${topic}`);
}

/** Kafka has the record, or never will. */
export function endSend(
  { tracing, clientId }: Sampled,
  span: Span,
  record: { readonly topic: string; readonly correlationId: string; readonly bodyBytes: number },
  outcome: { readonly error: BridgeError | null; readonly at: RecordPlace | null },
): void {
  const { error, at } = outcome;
  const correlationId = shownId(record.correlationId);
  span.facts = sendFacts({ ...record, correlationId, clientId, at, error: error === null ? null : error.code });
  span.failed = error !== null;
  tracing.end(span);
}

/**
 * The context that goes on with a request.
 *
 * @param received what came with it: where tracing is off, it goes on as it came
 * @param send null where it is not sampled
 */
export function onwardContext(
  traced: TracedRequest | null | undefined,
  received: TraceContext | null,
  send: Span | null,
): TraceContext | null {
  if (traced == null) return received;
  return send === null ? traced.trace.onward : contextOf(traced.trace, send.spanId);
}

/** The span of a reply's record, from here to its first byte for the client. */
export function beginReply({ tracing, trace, server }: Sampled, topic: string): Span {
  return tracing.begin(trace, server.spanId, KIND.consumer, `process ${topic}`);
}

/** The reply, or its head, was written to the client. */
export function endReply(
  { tracing, clientId }: Sampled,
  span: Span,
  reply: ReplyEnvelope,
  from: { readonly topic: string; readonly at: RecordPlace | null },
): void {
  const sent = reply.trace == null ? null : parseTraceparent(reply.trace.traceparent);
  if (sent !== null) span.linkTo(sent);
  span.facts = processFacts({
    topic: from.topic,
    at: from.at,
    correlationId: shownId(reply.correlationId),
    clientId,
    group: null,
    bodyBytes: reply.body?.length ?? 0,
    error: reply.error,
  });
  tracing.end(span);
}
