import type { Facts, Span } from '../port/span.js';
import { BackWriter, WIRE } from './back-writer.js';
import { writeFacts } from './facts.js';
import { writeSpan } from './span-message.js';

const FIRST = (1 << 3) | WIRE.bytes;
const SECOND = (2 << 3) | WIRE.bytes;
const THIRD = (3 << 3) | WIRE.bytes;

/** Whose spans they are: the same in every request of a process. */
export interface Origin {
  /** Attributes of the resource. */
  readonly resource: Facts;
  readonly scope: { readonly name: string; readonly version: string };
  readonly schemaUrl: string;
}

/**
 * Makes the body of an `ExportTraceServiceRequest` (opentelemetry/proto/collector/trace/v1/trace_service.proto).
 *
 * @example
 * const encode = exportRequests({ resource: ['service.name', 'a'], scope: { name: 'a', version: '1' }, schemaUrl });
 * const body = encode(spans);
 */
export function exportRequests({ resource, scope, schemaUrl }: Origin): (spans: readonly Span[]) => Buffer {
  const writer = new BackWriter();
  writeFacts(writer, FIRST, resource);
  const resourceBytes = writer.take();
  writer.text(SECOND, scope.version);
  writer.text(FIRST, scope.name);
  const scopeBytes = writer.take();
  return (spans) => {
    // ResourceSpans: resource, scope_spans. ScopeSpans: scope, spans, schema_url.
    const scoped = writer.mark;
    writer.text(THIRD, schemaUrl);
    for (let i = spans.length - 1; i >= 0; i--) writeSpan(writer, SECOND, spans[i] as Span);
    const named = writer.mark;
    writer.raw(scopeBytes);
    writer.message(FIRST, named);
    writer.message(SECOND, scoped);
    const owned = writer.mark;
    writer.raw(resourceBytes);
    writer.message(FIRST, owned);
    writer.message(FIRST, 0);
    return writer.take();
  };
}
