import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BridgeError } from '../errors.js';
import type { ReplyEnvelope, RequestEnvelope } from './envelope.js';
import { ReplyV1, RequestV1 } from './schema.js';
import { decodeReplyV1, decodeRequestV1, encodeReplyV1, encodeRequestV1 } from './v1.js';
import { decodeInbox, decodeRequest } from './wire.js';

const base: RequestEnvelope = {
  version: 1,
  correlationId: 'abc-1',
  method: 'POST',
  target: '/orders?id=7',
  headers: ['Accept', 'text/plain'],
  client: '10.0.0.1',
  deadlineMs: null,
  reply: null,
  trace: null,
  body: Buffer.from('{"a":1}'),
  trailers: null,
  more: false,
};
const baseReply: ReplyEnvelope = {
  version: 1,
  correlationId: 'abc-1',
  status: 201,
  reason: null,
  headers: ['Content-Type', 'text/plain'],
  error: null,
  tookMs: null,
  body: Buffer.from('é'),
  trailers: null,
  sequence: null,
};

const plain = fc.stringMatching(/^[a-z0-9]{1,10}$/);

describe('version 1', () => {
  it('gives back each text request that it wrote', () => {
    const request = fc.record({
      method: fc.constantFrom('GET', 'POST', 'X-PURGE'),
      path: fc.array(plain, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`),
      query: fc.dictionary(plain, plain, { maxKeys: 4 }),
      headers: fc.uniqueArray(plain, { maxLength: 5 }).map((names) => names.flatMap((name) => [`x-${name}`, name])),
      body: fc.option(fc.string({ unit: 'grapheme' }), { nil: null }),
    });
    fc.assert(
      fc.property(request, ({ method, path, query, headers, body }) => {
        const search = new URLSearchParams(query).toString();
        const target = search === '' ? path : `${path}?${search}`;
        const envelope = { ...base, method, target, headers, body: body === null ? null : Buffer.from(body) };
        const record = encodeRequestV1(envelope);
        // Integer-like names come back first from a JSON object: order is not version 1's to keep.
        const read = decodeRequestV1(record);
        expect(read.ok && { ...read.value, target: sorted(read.value.target) }).toEqual({
          ...envelope,
          target: sorted(target),
        });
        expect(RequestV1.safeParse(JSON.parse(String(record.value))).success).toBe(true);
      }),
    );
  });

  it('gives back each text reply that it wrote', () => {
    const record = encodeReplyV1(baseReply);
    expect(decodeReplyV1(record)).toEqual({ ok: true, value: baseReply });
    expect(ReplyV1.safeParse(JSON.parse(String(record.value))).success).toBe(true);
  });

  it('reads what 1.0.1’s proxy writes: a decoded path, one value a parameter, no deadline', () => {
    const value = Buffer.from(
      JSON.stringify({
        method: 'GET',
        path: '/a b/é%',
        query_params: { q: 'x&y' },
        headers: { host: 'h', 'content-length': '12' },
        body: null,
        client_ip: '1.2.3.4',
        timestamp: 12.5,
        correlation_id: 'u-1',
      }),
    );
    expect(decodeRequest({ value, headers: [{ correlation_id: 'u-1' }] })).toMatchObject({
      ok: true,
      value: {
        version: 1,
        target: '/a%20b/%C3%A9%25?q=x%26y',
        headers: ['host', 'h'],
        client: '1.2.3.4',
        deadlineMs: null,
        body: null,
      },
    });
  });

  it('reads what 1.0.1’s processor writes: JSON in place of JSON text, and a length that no longer holds', () => {
    const fields = {
      correlation_id: 'u-1',
      timestamp: 1,
      status_code: 200,
      headers: { 'Content-Length': '99', Server: 'x' },
      body: { ok: true },
    };
    expect(decodeInbox({ value: Buffer.from(JSON.stringify(fields)), headers: [] })).toMatchObject({
      ok: true,
      value: {
        kind: 'reply',
        reply: { version: 1, status: 200, headers: ['Server', 'x'], body: Buffer.from('{"ok":true}') },
      },
    });
  });

  it('carries the trace context as headers, and the reply topic as 1.0.1’s processor reads it', () => {
    const trace = { traceparent: '00-a-b-01', tracestate: 'x=1' };
    const record = encodeRequestV1({ ...base, trace, reply: { topic: 'mine', partition: 2 } });
    expect(JSON.parse(String(record.value))).toMatchObject({ headers: { ...trace }, response_topic: 'mine' });
    expect(decodeRequestV1(record)).toMatchObject({ ok: true, value: { reply: { topic: 'mine', partition: null } } });
  });

  it('refuses to write a binary body, which JSON text cannot carry', () => {
    const binary = Buffer.from([0xff, 0xfe, 0x00]);
    expect(() => encodeRequestV1({ ...base, body: binary })).toThrow(BridgeError);
    expect(() => encodeReplyV1({ ...baseReply, body: binary })).toThrow(/binary body/);
  });

  it('joins repeated headers and keeps the last of several cookies', () => {
    const headers = ['Via', 'a', 'via', 'b', 'Set-Cookie', '1', 'Set-Cookie', '2'];
    const record = encodeReplyV1({ ...baseReply, headers });
    expect(JSON.parse(String(record.value)).headers).toEqual({ Via: 'a, b', 'Set-Cookie': '2' });
  });

  it('never throws on arbitrary bytes or JSON', () => {
    const value = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .record({
          correlation_id: fc.jsonValue(),
          path: fc.jsonValue(),
          query_params: fc.jsonValue(),
          headers: fc.jsonValue(),
          body: fc.jsonValue(),
          status_code: fc.jsonValue(),
        })
        .map((fields) => Buffer.from(JSON.stringify(fields))),
      fc.constant(null),
    );
    fc.assert(
      fc.property(value, (bytes) => {
        expect(typeof decodeRequestV1({ value: bytes, headers: [{ correlation_id: 'a' }] }).ok).toBe('boolean');
        expect(typeof decodeReplyV1({ value: bytes, headers: [] }).ok).toBe('boolean');
      }),
    );
  });

  it('encodes a lone surrogate of a path instead of throwing', () => {
    const value = Buffer.from('{"correlation_id":"a","path":"/\\ud800"}');
    expect(decodeRequestV1({ value, headers: [] })).toMatchObject({ ok: true, value: { target: '/%EF%BF%BD' } });
  });
});

function sorted(target: string): string {
  const [path, query = ''] = target.split('?');
  return `${path}?${query.split('&').sort().join('&')}`;
}
