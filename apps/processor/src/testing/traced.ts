import type { OutgoingRecord } from '@kafka-http-proxy/kafka';
import { type HeaderList, headerValue, recordHeader } from '@kafka-http-proxy/protocol';
import type { Span } from '@kafka-http-proxy/tracing';
import { type RecordingTracing, recordingTracing } from '@kafka-http-proxy/tracing/testing';
import { played } from './parts.js';
import { pipeline } from './pipeline.js';

/** Trace id and span of the `send` span of the proxy in tests. */
export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SENT_BY = '00f067aa0ba902b7';
/** The proxy's span, as the parent of ours. */
export const PROXY = { traceId: TRACE_ID, spanId: SENT_BY };
/** Its context, of a sampled request, and of one that is not. */
export const SAMPLED = { traceparent: `00-${TRACE_ID}-${SENT_BY}-01`, tracestate: 'vendor=1' };
export const UNSAMPLED = { traceparent: `00-${TRACE_ID}-${SENT_BY}-00`, tracestate: 'vendor=1' };

/** {@link pipeline} with a tracing that keeps its spans. */
export function traced(options: Parameters<typeof pipeline>[0] & { readonly begins?: boolean } = {}) {
  return withTracing((given) => pipeline({ ...options, ...given }), options.begins);
}

/** {@link played} with a tracing that keeps its spans. */
export function tracedParts(options: Parameters<typeof pipeline>[0] = {}) {
  return withTracing((given) => played({ ...options, ...given }));
}

function withTracing<T extends object>(
  make: (given: Pick<Parameters<typeof pipeline>[0], 'traced'>) => T,
  sampled = true,
): T & { readonly tracing: RecordingTracing } {
  let made: RecordingTracing | undefined;
  const all = make({
    traced(clock) {
      made = recordingTracing(clock.now, { sampled });
      return made;
    },
  });
  return { ...all, tracing: made as RecordingTracing };
}

/** What a record that was written says of who sent it. */
export function traceparentOf(sent: OutgoingRecord | undefined): string | null | undefined {
  return sent === undefined ? null : recordHeader(sent.headers, 'traceparent');
}

/** What a backend got. */
export function contextAt(headers: HeaderList): (string | undefined)[] {
  return ['traceparent', 'tracestate'].map((name) => headerValue(headers, name));
}

/** The `traceparent` that makes a span the parent. */
export function asParent({ trace, spanId }: Span): string {
  return `00-${trace.traceId}-${spanId}-01`;
}
