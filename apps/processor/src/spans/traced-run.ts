import { type ErrorCode, type RequestEnvelope, type TraceContext, traceIdOf } from '@kafka-http-proxy/protocol';
import { contextOf, type Span, type Trace, type Tracing, traceIds } from '@kafka-http-proxy/tracing';

/** What spans of this process are made with. */
export interface ProcessorTracing {
  readonly tracing: Tracing;
  /** `client.id` of our Kafka clients. */
  readonly clientId: string;
}

/** A request whose trace was decided: it has spans where that is sampled. */
export interface TracedRun extends ProcessorTracing {
  readonly trace: Trace;
  /** From taking it up to its end; null: it is not sampled. */
  readonly process: Span | null;
  /** Why it failed on its way back: its outcome was known before, and may have been an answer. */
  failure: ErrorCode | null;
  /** Bytes of its reply that went out in parts; null where it did not. */
  streamedBytes: number | null;
}

/** A sampled request. */
export type Sampled = TracedRun & { readonly process: Span };

/** The request, where spans are made of it. */
export function sampledOf(traced: TracedRun | null | undefined): Sampled | null {
  return traced != null && traced.process !== null ? (traced as Sampled) : null;
}

/** The trace id of a sampled request: the exemplar of its latencies. */
export function exemplarOf(traced: TracedRun | null | undefined): string | undefined {
  return traced != null && traced.process !== null ? traced.trace.traceId : undefined;
}

/** Of a dead letter: what was decided here, or what came with it, in a header of the record or in `khp`. */
export function traceIdFor(traced: TracedRun | null | undefined, context: TraceContext | null | undefined) {
  return traced?.trace.traceId ?? traceIdOf(context?.traceparent ?? '');
}

/** The request as it goes to the backend: with our context, into which each attempt puts its own span. */
export function onwardRequest(request: RequestEnvelope, traced: TracedRun | null): RequestEnvelope {
  if (traced === null) return request;
  const { trace, process } = traced;
  const context = process === null ? trace.onward : contextOf(trace, process.spanId);
  // What is not sampled goes on as it came, nearly always.
  return context === request.trace ? request : { ...request, trace: context };
}

/** What lines of the log say of it; nothing where tracing is off. */
export function logFacts(traced: TracedRun | null | undefined): object {
  return traced == null ? {} : traceIds(traced.trace, traced.process);
}
