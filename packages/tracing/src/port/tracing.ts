import type { TraceContext } from '@kafka-http-proxy/protocol';
import type { Kind, Span } from './span.js';
import type { Trace } from './trace.js';

/** Makes spans, and sends them away. There is none where tracing is off: `Tracing | null` everywhere. */
export interface Tracing {
  /** Ms since the epoch, with fractions. */
  now(): number;
  /**
   * Decides, once for a request in this process, whether spans are made of it.
   *
   * @param incoming what came with it; null, or what is no context, begins a trace
   * @param trusted false: what came is linked, and decides nothing
   */
  decide(incoming: TraceContext | null, trusted: boolean): Trace;
  /**
   * Begins a span of a sampled trace.
   *
   * @param parentId empty for the root
   * @param startMs since the epoch; now when left out
   */
  begin(trace: Trace, parentId: string, kind: Kind, name: string, startMs?: number): Span;
  /** Ends it and hands it over for export. @param endMs since the epoch; now when left out */
  end(span: Span, endMs?: number): void;
  /** Sends what is left, for `graceMs` at most. Never rejects. */
  stop(graceMs: number): Promise<void>;
}
