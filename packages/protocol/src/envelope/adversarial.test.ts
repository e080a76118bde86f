import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFieldValue, isToken } from '../header-list.js';
import { REPLY, REPLY_V1, REQUEST, REQUEST_V1 } from '../testing/samples.js';
import type { Decoded, WireRecord } from './envelope.js';
import { ContinuationMetadataV2, ReplyMetadataV2, RequestMetadataV2 } from './schema.js';
import { isTarget } from './v2-fields.js';
import { decodeInbox, decodeRequest, encodeReply, encodeRequest } from './wire.js';

/*
 * Records as an enemy writes them. A decoder may give an error or a value that the schemas accept;
 * it may not throw, and nothing that it gives may break a line of HTTP.
 */

const bytesOf = (text: string) => Buffer.from(text);
const v2 = (khp: string | Buffer, value: Buffer | null = null): WireRecord => ({
  value,
  headers: [{ correlation_id: bytesOf('id') }, { khp: typeof khp === 'string' ? bytesOf(khp) : khp }],
});
const v1 = (body: string | Buffer): WireRecord => ({
  value: typeof body === 'string' ? bytesOf(body) : body,
  headers: [{ correlation_id: bytesOf('id') }],
});
const metadataOf = (record: WireRecord): unknown =>
  JSON.parse(String(record.headers.find((header) => header.khp !== undefined)?.khp));

/** What must hold of whatever a decoder gives. */
function holds(record: WireRecord): void {
  const request = decodeRequest(record);
  if (request.ok) {
    const { method, target, headers, trailers, version } = request.value;
    expect([isToken(method), isTarget(target)]).toEqual([true, true]);
    linesHold(headers);
    linesHold(trailers ?? []);
    if (version === 2) {
      const again = encodeRequest(request.value);
      expect(RequestMetadataV2.safeParse(metadataOf(again)).success).toBe(true);
      expect(decodeRequest(again)).toEqual(request);
    }
  } else faultHolds(request);
  const inbox = decodeInbox(record);
  if (!inbox.ok) {
    faultHolds(inbox);
    return;
  }
  if (inbox.value.kind === 'continuation') {
    linesHold(inbox.value.part.trailers ?? []);
    expect(ContinuationMetadataV2.safeParse(metadataOf(record)).success).toBe(true);
    return;
  }
  const { reply } = inbox.value;
  expect(reply.status).toSatisfy((status: number) => Number.isInteger(status) && status >= 200 && status <= 999);
  expect(isFieldValue(reply.reason ?? '')).toBe(true);
  linesHold(reply.headers);
  linesHold(reply.trailers ?? []);
  if (reply.version === 2) {
    const again = encodeReply(reply);
    expect(ReplyMetadataV2.safeParse(metadataOf(again)).success).toBe(true);
    expect(decodeInbox(again)).toEqual(inbox);
  }
}

/** No name or value can end its line, and each character is one byte. */
function linesHold(list: readonly string[]): void {
  const unfit = list.filter((text, i) => !(i % 2 === 0 ? isToken(text) : isFieldValue(text)));
  expect([list.length % 2, unfit]).toEqual([0, []]);
}

function faultHolds(read: Decoded<unknown>): void {
  if (read.ok) return;
  const { message, correlationId } = read.error;
  expect(message.length).toBeLessThan(200);
  expect(correlationId === null || /^[\x21-\x7e]{1,128}$/.test(correlationId)).toBe(true);
}

/** Values that JSON can hold and nobody expects. */
const nasty = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    ...[-1, 0, 1.5, 199, 1000, 2 ** 31, 2 ** 53, 2 ** 53 + 2, 1e308, -0, ''],
    ...[
      '\r\n',
      'a\r\nb: c',
      '\0',
      '\ud800',
      '\udfff',
      'é',
      'Ā',
      '\x7f',
      '*',
      '//',
      '/ ',
      '/\u2028',
      'GET ',
      '__proto__',
    ],
    ...[[], {}, [[]], ['a'], ['a', 1], ['a', null], ['a', 'b\n'], ['', ''], ['__proto__', 'x'], { length: 2 }],
    ...[{ toString: 1 }, { toString: null, valueOf: null }, { __proto__: null, v: 2 }, { toJSON: 1 }],
  ),
);

/** A record of one of the four kinds with some fields replaced, taken away or added. */
const mutated = (base: object) =>
  fc
    .array(fc.tuple(fc.oneof(fc.constantFrom(...Object.keys(base), '__proto__', 'constructor'), fc.string()), nasty), {
      maxLength: 4,
    })
    .map((changes) => {
      const fields = Object.entries(base);
      return `{${[...fields, ...changes].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)}}`;
    });

/** The same text with bytes flipped, cut, doubled or put in between. */
const damaged = (text: fc.Arbitrary<string>) =>
  fc
    .tuple(
      text,
      fc.array(fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }), how: fc.nat({ max: 3 }) }), { maxLength: 6 }),
    )
    .map(([whole, damages]) => {
      let bytes = Buffer.from(whole);
      for (const { at, byte, how } of damages) {
        const position = at % (bytes.length + 1);
        const [before, after] = [bytes.subarray(0, position), bytes.subarray(position)];
        if (how === 0) bytes = Buffer.concat([before, Buffer.from([byte]), after.subarray(1)]);
        else if (how === 1) bytes = Buffer.concat([before, Buffer.from([byte]), after]);
        else if (how === 2) bytes = Buffer.concat([before, after.subarray(1 + (byte % 8))]);
        else bytes = Buffer.concat([before, after.subarray(0, byte), after]);
      }
      return bytes;
    });

const numRuns = 300;

/** They count as done, not as fast. */
const TIME = { timeout: 60_000 };

describe('a record by an enemy', TIME, () => {
  it.each<[string, object, (text: string | Buffer) => WireRecord]>([
    ['a request of version 2', REQUEST, v2],
    ['a reply of version 2', REPLY, v2],
    ['a request of version 1', REQUEST_V1, v1],
    ['a reply of version 1', REPLY_V1, v1],
  ])('%s with other values is an error, or what the schemas accept', (_what, base, record) => {
    fc.assert(
      fc.property(mutated(base), (text) => holds(record(text))),
      { numRuns },
    );
    fc.assert(
      fc.property(damaged(fc.constant(JSON.stringify(base))), (bytes) => holds(record(bytes))),
      { numRuns },
    );
  });

  it('of any header names and bytes is an error, or what the schemas accept', () => {
    const name = fc.oneof(
      fc.constantFrom('khp', 'correlation_id', 'traceparent', 'tracestate', '__proto__'),
      fc.string(),
    );
    const bytes = fc.uint8Array({ maxLength: 40 }).map((list) => Buffer.from(list));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, bytes), { maxLength: 6 }), fc.option(bytes), (list, value) =>
        holds({ value, headers: list.map(([key, content]) => ({ [key]: content })) }),
      ),
      { numRuns },
    );
  });

  const deep = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);
  it.each<[string, string]>([
    ['lists', deep(20_000, '[', ']')],
    ['objects', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
  ])('of %s nested without end is an error wherever they stand', (_what, nested) => {
    for (const [base, record] of [
      [REQUEST, v2],
      [REPLY, v2],
      [REQUEST_V1, v1],
      [REPLY_V1, v1],
    ] as const) {
      for (const field of [...Object.keys(base), 'unknown']) {
        const rest = Object.entries(base).filter(([name]) => name !== field);
        const fields = rest.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
        const inside = field === 'query_params' ? `{"q":${nested}}` : nested;
        holds(record(`{${[...fields, `"${field}":${inside}`].join(',')}}`));
      }
    }
  });

  it.each(['{"a":{"toString":1}}', '{"a":{"toString":null,"valueOf":null}}'])(
    'of version 1 with %s for its parameters has no target',
    (params) => {
      const read = decodeRequest(v1(`{"correlation_id":"a","query_params":${params}}`));
      expect(read).toMatchObject({ ok: false, error: { fault: 'malformed_body', correlationId: 'a' } });
    },
  );

  it('of version 1 for * with parameters has no target either', () => {
    expect(decodeRequest(v1('{"correlation_id":"a","path":"*","query_params":{"a":"b"}}')).ok).toBe(false);
    expect(decodeRequest(v1('{"correlation_id":"a","path":"*"}'))).toMatchObject({ ok: true, value: { target: '*' } });
  });

  it('cannot reach the prototype of anything', () => {
    const evil = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}';
    for (const base of [REQUEST, REPLY]) holds(v2(`{${evil},${JSON.stringify(base).slice(1)}`));
    for (const base of [REQUEST_V1, REPLY_V1]) {
      holds(
        v1(`{${evil},"headers":{"__proto__":"x"},"query_params":{"__proto__":"x"},${JSON.stringify(base).slice(1)}`),
      );
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    const read = decodeRequest(
      v1('{"correlation_id":"a","headers":{"__proto__":"x"},"query_params":{"__proto__":"y"}}'),
    );
    expect(read).toMatchObject({ ok: true, value: { target: '/?__proto__=y', headers: ['__proto__', 'x'] } });
  });

  it('with a header that has no value is one without that header', () => {
    const headers = [{ correlation_id: null }, { khp: null }] as unknown as WireRecord['headers'];
    holds({ value: null, headers });
    expect(decodeRequest({ value: null, headers }).ok).toBe(false);
  });
});
