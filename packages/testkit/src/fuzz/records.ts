import assert from 'node:assert/strict';
import {
  type Decoded,
  decodeInbox,
  decodeRequest,
  encodeReply,
  encodeRequest,
  type HeaderList,
  isFieldValue,
  isToken,
  ReplyMetadataV2,
  RequestMetadataV2,
  type WireRecord,
} from '@kafka-http-proxy/protocol';

/*
 * Records of Kafka topics, as anybody can write them. A record may be refused by an error value; what is
 * taken must fit the schemas, break no line of HTTP, and come back the same when it is written again.
 */

const ID = Buffer.from('id');
const SEPARATOR = '\n\n';

/** The record that some bytes stand for: metadata of version 2 before an empty line, or else a body of version 1. */
export function recordOf(data: Buffer): WireRecord {
  const at = data.indexOf(SEPARATOR);
  if (at < 0) return { value: data, headers: [{ correlation_id: ID }] };
  const [khp, rest] = [data.subarray(0, at), data.subarray(at + SEPARATOR.length)];
  return { value: rest, headers: [{ correlation_id: ID }, { khp }, { traceparent: rest }, { tracestate: khp }] };
}

/** @throws AssertionError where what was read is not what may be read */
export function checkRequest(record: WireRecord): void {
  const read = decodeRequest(record);
  if (!read.ok) {
    checkError(read);
    return;
  }
  const { value } = read;
  assert(isToken(value.method));
  checkLines(value.headers, value.trailers);
  const { success } = RequestMetadataV2.safeParse({ v: 2, method: value.method, target: value.target, headers: [] });
  assert(success, `target ${JSON.stringify(value.target)}`);
  if (value.version === 2) assert.deepEqual(decodeRequest(encodeRequest(value)), read);
}

/** @throws AssertionError where what was read is not what may be read */
export function checkInbox(record: WireRecord): void {
  const read = decodeInbox(record);
  if (!read.ok) {
    checkError(read);
    return;
  }
  if (read.value.kind === 'continuation') {
    checkLines(read.value.part.trailers);
    return;
  }
  const { reply } = read.value;
  checkLines(reply.headers, reply.trailers);
  const { status, reason } = reply;
  const { success } = ReplyMetadataV2.safeParse({ v: 2, status, reason: reason ?? undefined, headers: [] });
  assert(success, `status ${status}, reason ${JSON.stringify(reason)}`);
  if (reply.version === 2) assert.deepEqual(decodeInbox(encodeReply(reply)), read);
}

/** Each name is one, and no value ends its line. */
function checkLines(...lists: (HeaderList | null)[]): void {
  for (const list of lists) {
    for (const [i, text] of (list ?? []).entries()) {
      assert(i % 2 === 0 ? isToken(text) : isFieldValue(text), `header ${JSON.stringify(text)}`);
    }
  }
}

/** What goes to a log and into a dead letter. */
function checkError(read: Decoded<unknown> & { ok: false }): void {
  assert(read.error.message.length < 200);
  assert(/^[\x21-\x7e]{1,128}$/.test(read.error.correlationId ?? '-'));
}

const json = (value: unknown, behind = '') => Buffer.from(JSON.stringify(value) + behind);

export const REQUEST_SEEDS: readonly Buffer[] = [
  json({ v: 2, method: 'GET', target: '/a?b=c', headers: ['Host', 'x'], client: '10.0.0.7' }, `${SEPARATOR}body`),
  json({ v: 2, method: 'PUT', target: '*', headers: [], deadline: 1.5, reply: ['t', 3], more: true }, SEPARATOR),
  json({ v: 2, method: 'X', target: '/', headers: [], trailers: ['A', 'b'], reply: ['t', null] }, SEPARATOR),
  json({ v: 3, reply: ['t', 4] }, SEPARATOR),
  json({ method: 'GET', path: '/a b', query_params: { q: 'x&y' }, headers: { host: 'h' }, body: { a: [1] } }),
  json({ correlation_id: 'a', path: '*', body: 'text', client_ip: null, response_topic: 't', timestamp: 1 }),
];

export const INBOX_SEEDS: readonly Buffer[] = [
  json({ v: 2, status: 200, headers: ['A', 'b'], reason: 'Fine', took: 3 }, `${SEPARATOR}body`),
  json({ v: 2, status: 504, headers: [], error: 'timeout', trailers: ['A', 'b'] }, SEPARATOR),
  json({ v: 2, status: 200, headers: [], seq: 0, exec: 'e', inbox: ['khp-control', 5] }, `${SEPARATOR}first`),
  json({ v: 2, seq: 1, end: true, credit: 10, cancel: true, exec: 'e', inbox: ['c', 0] }, `${SEPARATOR}last`),
  json({ correlation_id: 'a', status_code: 200, headers: { A: 'b' }, body: [1, 'x'], error: 'timeout' }),
];
