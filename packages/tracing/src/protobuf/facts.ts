import type { Facts } from '../port/span.js';
import { BackWriter, WIRE } from './back-writer.js';

/** Fields of `KeyValue` and `AnyValue` (opentelemetry/proto/common/v1/common.proto). */
const KEY = (1 << 3) | WIRE.bytes;
const VALUE = (2 << 3) | WIRE.bytes;
const TEXT = (1 << 3) | WIRE.bytes;
const BOOL = (2 << 3) | WIRE.varint;
const INT = (3 << 3) | WIRE.varint;
const DOUBLE = (4 << 3) | WIRE.fixed64;
const LIST = (5 << 3) | WIRE.bytes;
/** Of `ArrayValue`. */
const ITEM = (1 << 3) | WIRE.bytes;

/** Names as they stand in a `KeyValue`. They are few, and ours. */
const names = new Map<string, Buffer>();

/** Writes attributes, each as a field of `tag`. */
export function writeFacts(writer: BackWriter, tag: number, facts: Facts): void {
  for (let i = facts.length - 2; i >= 0; i -= 2) {
    const mark = writer.mark;
    writeValue(writer, facts[i + 1] as Facts[number]);
    writer.message(VALUE, mark);
    writer.raw(nameOf(facts[i] as string));
    writer.message(tag, mark);
  }
}

function writeValue(writer: BackWriter, value: Facts[number]): void {
  if (typeof value === 'string') writer.text(TEXT, value);
  else if (typeof value === 'boolean') {
    writer.varint(value ? 1 : 0);
    writer.varint(BOOL);
  } else if (typeof value === 'number') {
    const whole = Number.isSafeInteger(value);
    if (whole) writer.varint(value);
    else writer.double(value);
    writer.varint(whole ? INT : DOUBLE);
  } else {
    const mark = writer.mark;
    for (let i = value.length - 1; i >= 0; i--) {
      const item = writer.mark;
      writer.text(TEXT, value[i] as string);
      writer.message(ITEM, item);
    }
    writer.message(LIST, mark);
  }
}

function nameOf(name: string): Buffer {
  let bytes = names.get(name);
  if (bytes === undefined) {
    const writer = new BackWriter(name.length * 3 + 8);
    writer.text(KEY, name);
    bytes = Buffer.from(writer.written());
    names.set(name, bytes);
  }
  return bytes;
}
