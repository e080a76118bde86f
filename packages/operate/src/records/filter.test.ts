import { encodeReply, encodeRequest, type ReplyEnvelope, type RequestEnvelope } from '@kafka-http-proxy/protocol';
import { expect, it } from 'vitest';
import type { StoredRecord } from '../stored-record.js';
import { REQUEST as POST } from '../testing/letters.js';
import { createFilter, FilterMistake, type FilterOptions } from './filter.js';
import { viewOf } from './record-view.js';

const PLACE = { topic: 'orders-requests', partition: 0, offset: 7, timestampMs: 1_790_000_000_000 };
const REQUEST: RequestEnvelope = { ...POST, headers: ['Host', 'shop', 'Accept', 'text/html', 'X-Tag', 'a/b'] };
const REPLY: ReplyEnvelope = {
  version: 2,
  correlationId: REQUEST.correlationId,
  status: 503,
  reason: null,
  headers: ['Retry-After', '1'],
  error: 'backend_unhealthy',
  tookMs: 3,
  body: null,
  trailers: null,
  sequence: null,
};

function request(fields: Partial<RequestEnvelope> = {}, key: string | null = null): StoredRecord {
  return { ...PLACE, key: key === null ? null : Buffer.from(key), ...encodeRequest({ ...REQUEST, ...fields }) };
}
const error = { code: 'backend_unreachable', message: 'm', topic: 'orders-requests', partition: 0, offset: 3 };
const letterError = JSON.stringify({ ...error, timestamp: 1, attempts: 1, group: 'g' });

function matches(options: FilterOptions, record = request()): boolean {
  return createFilter(options)(viewOf(record));
}

it('sees a request, a reply, a letter and what is none of them', () => {
  const letter = request();
  expect(viewOf(request())).toMatchObject({ kind: 'request', id: 'wBa9fPOA-abcdefghijkl', method: 'POST' });
  expect(viewOf({ ...PLACE, key: null, ...encodeReply(REPLY) })).toMatchObject({ kind: 'reply', status: 503 });
  const headers = [...letter.headers, { 'khp-error': letterError }];
  expect(viewOf({ ...letter, headers })).toMatchObject({ kind: 'letter', code: 'backend_unreachable', method: 'POST' });
  expect(viewOf({ ...PLACE, key: null, value: Buffer.from('x'), headers: [] })).toMatchObject({ kind: 'other' });
});

it.each<[FilterOptions, boolean]>([
  [{}, true],
  [{ id: 'wBa9fPOA' }, true],
  [{ id: '0123456789abcdef' }, false],
  [{ method: ['get', 'post'] }, true],
  [{ method: ['GET'] }, false],
  [{ path: '/orders/*' }, true],
  [{ path: '/*' }, false],
  [{ path: '/**' }, true],
  [{ client: '10.0.0.7' }, true],
  [{ client: '10.0.0.8' }, false],
  [{ header: ['accept: text/*'] }, true],
  [{ header: ['X-Tag: a*'] }, true],
  [{ header: ['X-Tag: b*'] }, false],
  [{ header: ['X-None: *'] }, false],
  [{ status: ['5xx'] }, false],
  [{ topic: 'orders-*' }, true],
  [{ topic: 'other' }, false],
])('finds by %j: %s', (options, found) => {
  expect(matches(options)).toBe(found);
});

it('finds by key, status and code', () => {
  expect(matches({ key: 'customer-*' }, request({}, 'customer-7'))).toBe(true);
  expect(matches({ key: 'customer-*' })).toBe(false);
  const reply = { ...PLACE, key: null, ...encodeReply(REPLY) };
  expect(matches({ status: ['200', '5xx'] }, reply)).toBe(true);
  expect(matches({ status: ['502'] }, reply)).toBe(false);
  expect(matches({ code: ['backend_unhealthy'] }, reply)).toBe(true);
  expect(matches({ code: ['timeout'] }, reply)).toBe(false);
});

it('finds a letter by what the client was told, and a replayed one by the id of the first try', () => {
  const replay = { v: 1, n: 1, run: 'r', of: ['f', 0, 1], first: ['f', 0, 0], id: 'First-1', at: 1, by: 'a@b' };
  const { headers, ...rest } = request();
  const why = { 'khp-error': JSON.stringify({ ...JSON.parse(letterError), status: 502 }) };
  const letter = { ...rest, headers: [...headers, { 'khp-replay': JSON.stringify(replay) }, why] };
  expect(matches({ id: 'First' }, letter)).toBe(true);
  expect(matches({ id: 'wBa9' }, letter)).toBe(true);
  expect(matches({ id: 'Second' }, letter)).toBe(false);
  expect(matches({ status: ['502'] }, letter)).toBe(true);
});

it('finds a request by the X-Request-ID that its client gave, which has to be whole', () => {
  const named = request({ headers: ['x-request-id', 'order-4711'] });
  expect(matches({ id: 'order-4711' }, named)).toBe(true);
  expect(matches({ id: 'order-47' }, named)).toBe(false);
  expect(matches({ id: 'wBa9' }, named)).toBe(true);
});

it('says what can not be looked for', () => {
  expect(() => createFilter({ status: ['many'] })).toThrow(FilterMistake);
  expect(() => createFilter({ header: ['X-Tag'] })).toThrow("'Name: glob' was expected");
});
