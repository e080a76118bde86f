import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CommonFacts, type Facts, type Kind } from '../port/span.js';
import type { RecordedSpan } from '../sdk/recorded-span.js';
import { endedSpan, HOME, TRACE } from '../testing/spans.js';
import { ExportRequest } from './export-request.js';

const request = new ExportRequest({
  resource: Object.entries(HOME.resource.attributes).flat() as Facts,
  scope: HOME.scope,
  schemaUrl: HOME.scope.schemaUrl,
});
/** The last span comes first. */
function encode(spans: readonly RecordedSpan[]): Buffer {
  for (const span of spans.toReversed()) request.add(span);
  const body = Buffer.from(request.finish());
  request.clear();
  return body;
}

const hex = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .filter((id) => id.some((byte) => byte > 0))
    .map((id) => Buffer.from(id).toString('hex'));
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.string({ maxLength: 200 }));
// An integer that a double does not hold exactly is one to them, and a double to us.
const double = fc.double({ noNaN: true }).filter((of) => !Number.isInteger(of) || Number.isSafeInteger(of));
const attribute = fc.oneof(text, fc.boolean(), fc.maxSafeInteger(), double, fc.array(text, { maxLength: 3 }));
const facts = fc
  .uniqueArray(fc.tuple(text, attribute), { maxLength: 8, selector: ([name]) => name })
  // An object puts names that are numbers first.
  .map((pairs) => pairs.filter(([name]) => name !== '__proto__' && !/^\d+$/.test(name)).flat() as Facts);
const ms = fc.double({ min: 0, max: 4e12, noNaN: true }).map((at) => Math.round(at * 1000) / 1000);
const span = fc
  .record({
    traceId: hex(16),
    state: fc.constantFrom(undefined, 'congo=t61rcWkgMzE', 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE'),
    spanId: hex(8),
    parentId: fc.oneof(fc.constant(''), hex(8)),
    kind: fc.integer({ min: 0, max: 4 }) as fc.Arbitrary<Kind>,
    name: text,
    startMs: ms,
    endMs: ms,
    facts,
    common: fc.option(facts.map(commonOf)),
    failed: fc.boolean(),
    noted: fc.option(fc.array(fc.record({ name: text, atMs: ms, facts }), { minLength: 1, maxLength: 3 })),
    linked: fc.option(fc.array(fc.record({ traceId: hex(16), spanId: hex(8) }), { minLength: 1, maxLength: 3 })),
  })
  .map(({ traceId, state, ...rest }) => {
    const endMs = Math.max(rest.startMs, rest.endMs);
    return endedSpan({ ...rest, endMs, trace: { ...TRACE, traceId, state } });
  });

/** None of its names is one of the span's own. */
function commonOf(facts: Facts): CommonFacts {
  return new CommonFacts(facts.map((one, i) => (i % 2 === 0 ? `common.${one}` : one)));
}

it('says the same as the SDK’s serializer', () => {
  fc.assert(
    fc.property(fc.array(span, { minLength: 1, maxLength: 3 }), (spans) => {
      const theirs = ProtobufTraceSerializer.serializeRequest(spans) as Uint8Array;
      expect(fields(encode(spans))).toEqual(fields(theirs));
    }),
  );
});

it('grows with what is written, and begins anew after it', () => {
  const long = endedSpan({ facts: ['a', 'x'.repeat(700_000)] });
  expect(encode([long]).length).toBeGreaterThan(700_000);
  expect(encode([endedSpan()]).length).toBeLessThan(1000);
});

/** A message: which of its fields are messages too. A `true` keeps all its fields, those with default values as well. */
interface Shape {
  readonly [field: number]: Shape;
  readonly all?: true;
}
const KEY_VALUE: Shape = { 2: { all: true, 5: { 1: { all: true } } } };
const SPAN: Shape = { 9: KEY_VALUE, 11: { 3: KEY_VALUE }, 13: {}, 15: {} };
const REQUEST: Shape = { 1: { 1: { 1: KEY_VALUE }, 2: { 1: {}, 2: SPAN } } };

/** The fields of a message in their order. Proto3 may leave out what has the default value; the SDK writes it. */
function fields(bytes: Uint8Array, shape: Shape = REQUEST): unknown[] {
  const found: unknown[] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] as number;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const [field, wire] = [tag >> 3, tag & 7];
    const inner = shape[field];
    if (wire === 0) {
      const value = varint();
      if (value !== 0n || shape.all) found.push([field, value]);
    } else if (wire === 2) {
      const content = take(Number(varint()));
      const value = inner === undefined ? Buffer.from(content).toString('hex') : fields(content, inner);
      if (value.length > 0 || shape.all || field === 1) found.push([field, value]);
    } else found.push([field, Buffer.from(take(wire === 1 ? 8 : 4)).toString('hex')]);
  }
  return found;
}
