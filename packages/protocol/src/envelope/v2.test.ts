import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../errors.js';
import {
  type ContinuationEnvelope,
  METADATA_HEADER,
  type ReplyEnvelope,
  type RequestEnvelope,
  type WireRecord,
} from './envelope.js';
import { ContinuationMetadataV2, ReplyMetadataV2, RequestMetadataV2 } from './schema.js';
import {
  decodeInboxV2,
  decodeReplyV2,
  decodeRequestV2,
  encodeContinuationV2,
  encodeReplyV2,
  encodeRequestV2,
} from './v2.js';

const chars = (from: number, to: number) => fc.integer({ min: from, max: to }).map((code) => String.fromCharCode(code));
const text = (unit: fc.Arbitrary<string>, min: number, max: number) =>
  fc.string({ unit, minLength: min, maxLength: max });
const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,20}$/);
const fieldValue = text(fc.oneof(chars(0x20, 0x7e), chars(0x80, 0xff), fc.constant('\t')), 0, 30);
const headers = fc.array(fc.tuple(token, fieldValue), { maxLength: 8 }).map((list) => list.flat());
const id = text(chars(0x21, 0x7e), 1, 128);
const topic = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/);
const partition = fc.nat({ max: 0x7fffffff });
const body = fc.option(
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  { nil: null },
);
const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const inbox = fc.record({ topic, partition });

const request: fc.Arbitrary<RequestEnvelope> = fc.record({
  version: fc.constant(2 as const),
  correlationId: id,
  method: token,
  target: fc.oneof(
    text(fc.oneof(chars(0x21, 0x7e), chars(0x80, 0xff)), 0, 40).map((rest) => `/${rest}`),
    fc.constant('*'),
  ),
  headers,
  client: orNull(fc.ipV4()),
  principal: fc.option(fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme-ascii' }), { nil: undefined }),
  deadlineMs: orNull(fc.integer({ min: 1, max: 4e12 })),
  reply: orNull(fc.record({ topic, partition: orNull(partition) })),
  trace: orNull(
    fc.oneof(
      fc.record({ traceparent: text(chars(0x21, 0x7e), 1, 55) }),
      fc.constant({ traceparent: `00-${'0'.repeat(31)}1-00f067aa0ba902b7-00`, inHead: true as const }),
      fc.record({ traceparent: text(chars(0x21, 0x7e), 1, 55), tracestate: text(chars(0x21, 0x7e), 0, 55) }),
    ),
  ),
  body,
  trailers: orNull(headers),
  more: fc.boolean(),
});

/** With and without the fields that are optional. */
const naming = fc.tuple(request, orNull(topic), fc.boolean(), fc.boolean()).map(([one, control, noReply, timing]) => ({
  ...one,
  ...(control !== null && { control }),
  ...(noReply && { noReply }),
  ...(timing && { timing }),
}));

const sequence = fc
  .record({
    seq: orNull(fc.nat()),
    end: fc.boolean(),
    exec: orNull(id),
    inbox: orNull(inbox),
    credit: orNull(fc.maxSafeNat()),
    cancel: fc.boolean(),
  })
  .filter((s) => s.seq !== null || s.end || s.exec !== null || s.inbox !== null || s.credit !== null || s.cancel);

const reply: fc.Arbitrary<ReplyEnvelope> = fc.record({
  version: fc.constant(2 as const),
  correlationId: id,
  status: fc.integer({ min: 200, max: 999 }),
  reason: orNull(fieldValue),
  headers,
  error: orNull(fc.constantFrom(...ERROR_CODES)),
  tookMs: orNull(fc.nat()),
  queueMs: fc.option(fc.nat(), { nil: undefined }),
  backendMs: fc.option(fc.nat(), { nil: undefined }),
  body,
  trailers: orNull(headers),
  sequence: orNull(sequence),
  trace: fc.option(fc.record({ traceparent: text(chars(0x21, 0x7e), 1, 55) }), { nil: undefined }),
});

const continuation: fc.Arbitrary<ContinuationEnvelope> = fc.record({
  correlationId: id,
  sequence,
  error: orNull(fc.constantFrom(...ERROR_CODES)),
  body,
  trailers: orNull(headers),
});

/** What Kafka makes of a record: header values come back as bytes. */
function overKafka(record: WireRecord): WireRecord {
  return {
    value: record.value,
    headers: record.headers.map((header) =>
      Object.fromEntries(Object.entries(header).map(([name, value]) => [name, Buffer.from(value as string)])),
    ),
  };
}

const metadataOf = (record: WireRecord) =>
  JSON.parse(String(record.headers.map((header) => header[METADATA_HEADER]).find((value) => value !== undefined)));

describe('version 2', () => {
  it('gives back each request that it wrote, to the byte', () => {
    fc.assert(
      fc.property(naming, (envelope) => {
        const record = encodeRequestV2(envelope);
        expect(decodeRequestV2(overKafka(record))).toEqual({ ok: true, value: envelope });
        expect(RequestMetadataV2.safeParse(metadataOf(record)).success).toBe(true);
      }),
    );
  });

  it('gives back each reply that it wrote, to the byte', () => {
    fc.assert(
      fc.property(reply, (envelope) => {
        const record = encodeReplyV2(envelope);
        expect(decodeReplyV2(overKafka(record))).toEqual({ ok: true, value: envelope });
        expect(ReplyMetadataV2.safeParse(metadataOf(record)).success).toBe(true);
      }),
    );
  });

  it('gives back each continuation that it wrote', () => {
    fc.assert(
      fc.property(continuation, (part) => {
        const record = encodeContinuationV2(part);
        expect(decodeInboxV2(overKafka(record))).toEqual({ ok: true, value: { kind: 'continuation', part } });
        expect(ContinuationMetadataV2.safeParse(metadataOf(record)).success).toBe(true);
      }),
    );
  });

  it('never throws and agrees with the Zod schemas, whatever the metadata is', () => {
    const known = [
      'v',
      'method',
      'target',
      'headers',
      'client',
      'principal',
      'deadline',
      'reply',
      'more',
      'control',
      'trailers',
      'status',
      'reason',
      'error',
      'seq',
      'end',
      'inbox',
      'credit',
    ];
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom<unknown>(2, 'GET', '/x', ['A', 'b'], true, 200, ['t', 1], ['t', null], 'timeout', 0, 1.5, -1, ''),
    );
    const metadata = fc
      .uniqueArray(fc.tuple(fc.constantFrom(...known), value), { selector: ([name]) => name })
      .map((fields) => ({ v: 2, ...(Object.fromEntries(fields) as Record<string, unknown>) }));
    fc.assert(
      fc.property(metadata, (fields) => {
        const record = overKafka({ value: null, headers: [{ correlation_id: 'id' }, { khp: JSON.stringify(fields) }] });
        expect(decodeRequestV2(record).ok).toBe(
          RequestMetadataV2.safeParse(JSON.parse(JSON.stringify(fields))).success,
        );
        if ('status' in fields) {
          expect(decodeReplyV2(record).ok).toBe(ReplyMetadataV2.safeParse(JSON.parse(JSON.stringify(fields))).success);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('never throws on arbitrary bytes', () => {
    const header = fc.record({
      name: fc.constantFrom('khp', 'correlation_id', 'x'),
      value: fc.uint8Array({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(header, { maxLength: 4 }), body, (list, value) => {
        const record = { value, headers: list.map((entry) => ({ [entry.name]: Buffer.from(entry.value) })) };
        expect(typeof decodeRequestV2(record).ok).toBe('boolean');
        expect(typeof decodeInboxV2(record).ok).toBe('boolean');
      }),
    );
  });

  it('still tells who waits for an answer when the version is unknown', () => {
    const headersOf = (khp: unknown) => [{ correlation_id: 'abc' }, { khp: JSON.stringify(khp) }];
    const read = decodeRequestV2({ value: null, headers: headersOf({ v: 3, reply: ['replies', 4] }) });
    expect(read).toMatchObject({
      ok: false,
      error: { fault: 'unknown_version', correlationId: 'abc', reply: { topic: 'replies', partition: 4 } },
    });
  });

  it.each([
    ['a header value that ends its line', ['X-A', 'b\r\nX-Evil: 1']],
    ['a header name that is no token', ['X A', 'b']],
    ['a name without a value', ['X-A']],
    ['a character beyond one byte', ['X-A', 'Ā']],
  ])('refuses %s', (_what, list) => {
    const khp = JSON.stringify({ v: 2, method: 'GET', target: '/', headers: list });
    const read = decodeRequestV2({ value: null, headers: [{ correlation_id: 'a' }, { khp }] });
    expect(read).toMatchObject({ ok: false, error: { fault: 'malformed_metadata', correlationId: 'a' } });
  });

  it('ignores fields that it does not know', () => {
    const khp = JSON.stringify({ v: 2, status: 200, headers: [], future: { x: 1 } });
    expect(decodeReplyV2({ value: null, headers: [{ correlation_id: 'a' }, { khp }] }).ok).toBe(true);
  });
});
