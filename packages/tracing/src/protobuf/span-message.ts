import type { CommonFacts, Span } from '../port/span.js';
import { BackWriter, WIRE } from './back-writer.js';
import { writeFacts } from './facts.js';

const bytes = (field: number) => (field << 3) | WIRE.bytes;

/** Fields of `Span`, `Span.Event`, `Span.Link` and `Status` (opentelemetry/proto/trace/v1/trace.proto). */
const SPAN = {
  traceId: bytes(1),
  spanId: bytes(2),
  state: bytes(3),
  parentId: bytes(4),
  name: bytes(5),
  kind: (6 << 3) | WIRE.varint,
  start: (7 << 3) | WIRE.fixed64,
  end: (8 << 3) | WIRE.fixed64,
  attribute: bytes(9),
  event: bytes(11),
  link: bytes(13),
  status: bytes(15),
  flags: (16 << 3) | WIRE.fixed32,
};
const EVENT = { at: (1 << 3) | WIRE.fixed64, name: bytes(2), attribute: bytes(3) };
const LINK = { traceId: bytes(1), spanId: bytes(2), flags: (6 << 3) | WIRE.fixed32 };
/** `Status` with STATUS_CODE_ERROR. */
const ERROR = Buffer.from([(3 << 3) | WIRE.varint, 2]);
/** Sampled, and it is known whether the parent, or what is linked, is remote (SpanFlags). */
const FLAGS = 0x101;
const IS_REMOTE = 0x200;

/** As much of `tracestate` has to be passed on (W3C Trace Context §3.3.1.5); a longer one is, and is not in each span. */
const MAX_STATE = 512;

/** Writes one span as a field of `tag`. */
export function writeSpan(writer: BackWriter, tag: number, span: Span): void {
  const begin = writer.mark;
  writer.fixed32(span.parentIsRemote ? FLAGS | IS_REMOTE : FLAGS);
  writer.varint(SPAN.flags);
  if (span.failed) {
    const mark = writer.mark;
    writer.raw(ERROR);
    writer.message(SPAN.status, mark);
  }
  if (span.linked !== null) writeLinks(writer, span.linked);
  if (span.noted !== null) writeEvents(writer, span.noted);
  writeFacts(writer, SPAN.attribute, span.facts);
  if (span.common !== null) writer.raw(bytesOf(span.common));
  // The machine's clock may have been set back.
  writer.nanos(Math.max(span.startMs, span.endMs));
  writer.varint(SPAN.end);
  writer.nanos(span.startMs);
  writer.varint(SPAN.start);
  // The enumeration of OTLP begins with SPAN_KIND_UNSPECIFIED.
  writer.varint(span.kind + 1);
  writer.varint(SPAN.kind);
  writer.text(SPAN.name, span.name);
  if (span.parentId !== '') writer.id(SPAN.parentId, span.parentId);
  const { state } = span.trace;
  if (state !== undefined && state.length <= MAX_STATE) writer.text(SPAN.state, state);
  writer.id(SPAN.spanId, span.spanId);
  writer.id(SPAN.traceId, span.trace.traceId);
  writer.message(tag, begin);
}

function bytesOf(common: CommonFacts): Uint8Array {
  if (common.bytes === null) {
    const writer = new BackWriter(1024);
    writeFacts(writer, SPAN.attribute, common.facts);
    common.bytes = Buffer.from(writer.written());
  }
  return common.bytes;
}

function writeLinks(writer: BackWriter, links: NonNullable<Span['linked']>): void {
  for (let i = links.length - 1; i >= 0; i--) {
    const { traceId, spanId } = links[i] as (typeof links)[number];
    const mark = writer.mark;
    // What is linked is another process's.
    writer.fixed32(FLAGS | IS_REMOTE);
    writer.varint(LINK.flags);
    writer.id(LINK.spanId, spanId);
    writer.id(LINK.traceId, traceId);
    writer.message(SPAN.link, mark);
  }
}

function writeEvents(writer: BackWriter, events: NonNullable<Span['noted']>): void {
  for (let i = events.length - 1; i >= 0; i--) {
    const { name, atMs, facts } = events[i] as (typeof events)[number];
    const mark = writer.mark;
    writeFacts(writer, EVENT.attribute, facts);
    writer.text(EVENT.name, name);
    writer.nanos(atMs);
    writer.varint(EVENT.at);
    writer.message(SPAN.event, mark);
  }
}
