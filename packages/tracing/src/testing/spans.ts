import { resourceFromAttributes } from '@opentelemetry/resources';
import { KIND } from '../port/span.js';
import type { Trace } from '../port/trace.js';
import { type Home, RecordedSpan } from '../sdk/recorded-span.js';

/** A trace of the specification's examples. */
export const TRACE: Trace = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  parentId: '00f067aa0ba902b7',
  sampled: true,
  state: undefined,
  link: null,
  onward: null,
};

/** Whose the spans of tests are. */
export const HOME: Home = {
  resource: resourceFromAttributes({ 'service.name': 'tested', 'service.version': '1' }),
  scope: { name: 'kafka-http-proxy', version: '1', schemaUrl: 'https://opentelemetry.io/schemas/1.44.0' },
};

/** A span that has ended. */
export function endedSpan(of: Partial<RecordedSpan> = {}): RecordedSpan {
  const { trace = TRACE, spanId = 'b7ad6b7169203331', parentId = trace.parentId, kind = KIND.server } = of;
  const span = new RecordedSpan(
    HOME,
    trace,
    spanId,
    parentId,
    kind,
    of.name ?? 'GET /orders',
    of.startMs ?? 1_764_000_000_000.125,
  );
  span.endMs = of.endMs ?? span.startMs + 12.5;
  span.facts = of.facts ?? ['http.request.method', 'GET', 'http.response.status_code', 200];
  span.noted = of.noted ?? null;
  span.linked = of.linked ?? null;
  span.common = of.common ?? null;
  span.failed = of.failed ?? false;
  return span;
}
