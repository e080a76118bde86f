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
 * The body of an `ExportTraceServiceRequest` (opentelemetry/proto/collector/trace/v1/trace_service.proto) while it
 * grows. A span is bytes as soon as it has ended: what waits for its export is no object that the garbage collector
 * would look at. The last span comes first.
 *
 * @example
 * const request = new ExportRequest({ resource: ['service.name', 'a'], scope: { name: 'a', version: '1' }, schemaUrl });
 * request.add(span);
 * const body = request.finish();
 * request.clear();
 */
export class ExportRequest {
  /** Spans in it. */
  count = 0;
  readonly #writer = new BackWriter();
  readonly #resource: Buffer;
  readonly #scope: Buffer;

  constructor(private readonly origin: Origin) {
    const { resource, scope } = origin;
    const writer = this.#writer;
    writeFacts(writer, FIRST, resource);
    this.#resource = Buffer.from(writer.written());
    writer.clear();
    writer.text(SECOND, scope.version);
    writer.text(FIRST, scope.name);
    this.#scope = Buffer.from(writer.written());
    writer.clear();
  }

  /** Length so far, bytes. */
  get bytes(): number {
    return this.#writer.mark;
  }

  add(span: Span): void {
    // ScopeSpans: scope, spans, schema_url.
    if (this.count === 0) this.#writer.text(THIRD, this.origin.schemaUrl);
    this.count++;
    writeSpan(this.#writer, SECOND, span);
  }

  /** The whole body; it is good until {@link clear}, which has to come before the next span. */
  finish(): Buffer {
    const writer = this.#writer;
    const named = writer.mark;
    writer.raw(this.#scope);
    writer.message(FIRST, named);
    // ResourceSpans: resource, scope_spans.
    writer.message(SECOND, 0);
    const owned = writer.mark;
    writer.raw(this.#resource);
    writer.message(FIRST, owned);
    writer.message(FIRST, 0);
    return writer.written();
  }

  clear(): void {
    this.#writer.clear();
    this.count = 0;
  }
}
