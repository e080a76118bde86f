import type { TraceContext } from '@kafka-http-proxy/protocol';

/** A span somewhere, by its ids as W3C Trace Context writes them: 32 and 16 lower-case hex digits. */
export interface SpanRef {
  readonly traceId: string;
  readonly spanId: string;
}

/** The trace of one request, as a value: it is passed on, and never looked up. */
export interface Trace {
  readonly traceId: string;
  /** The span of whoever sent the request; empty where it is the first. */
  readonly parentId: string;
  /** False: no span is made of it, here or behind. */
  readonly sampled: boolean;
  /** `tracestate` as it came. */
  readonly state: string | undefined;
  /** Where a client's context is not trusted: what it was. */
  readonly link: SpanRef | null;
  /** What goes on with the request where it is not sampled: the same trace id, and the flag 00. */
  readonly onward: TraceContext | null;
}

/** The context that makes `spanId` the parent of what comes behind (W3C Trace Context §3.2). */
export function contextOf({ traceId, state }: Trace, spanId: string): TraceContext {
  const traceparent = `00-${traceId}-${spanId}-01`;
  return state === undefined ? { traceparent } : { traceparent, tracestate: state };
}
