import type { BridgeError, ReplyEnvelope, RequestEnvelope, TraceContext } from '@kafka-http-proxy/protocol';
import { parseTraceparent, shownId } from '@kafka-http-proxy/protocol';
import {
  beginSend,
  contextOf,
  describeProcess,
  endSend,
  KIND,
  type RecordPlace,
  type Span,
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

/** The span of a request's record. */
export function beginRequest({ tracing, trace, server }: Sampled, topic: string): Span {
  return beginSend(tracing, trace, server.spanId, topic);
}

/** Kafka has the record, or never will. @param at where; null where that is not known */
export function endRequest(
  { tracing, clientId }: Sampled,
  span: Span,
  { correlationId, body }: Pick<RequestEnvelope, 'correlationId' | 'body'>,
  topic: string,
  error: BridgeError | null,
  at: RecordPlace | null,
): void {
  endSend(tracing, span, {
    topic,
    correlationId: shownId(correlationId),
    clientId,
    bodyBytes: body?.length ?? 0,
    at,
    error: error === null ? null : error.code,
  });
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
  const record = {
    topic: from.topic,
    at: from.at,
    correlationId: shownId(reply.correlationId),
    clientId,
    bodyBytes: reply.body?.length ?? 0,
    error: reply.error,
  };
  describeProcess(span, record, null);
  tracing.end(span);
}
