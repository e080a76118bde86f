import type { Span } from '../port/span.js';
import type { Trace } from '../port/trace.js';

/**
 * What a line of the log says of its request's trace, under the names that OpenTelemetry gives them in JSON
 * (https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context/).
 *
 * @param span the one that failed; null where none is made
 */
export function traceIds(trace: Trace, span: Span | null): { trace_id: string; span_id?: string; trace_flags: string } {
  const flags = { trace_id: trace.traceId, trace_flags: trace.sampled ? '01' : '00' };
  return span === null ? flags : { ...flags, span_id: span.spanId };
}
