import {
  encodeContinuationV2,
  encodeReply,
  encodeRequest,
  NO_SEQUENCE,
  type WireRecord,
} from '@kafka-http-proxy/protocol';
import { expect, it } from 'vitest';
import { byTime, type Entry, entryOf } from './entry.js';
import { viewOf } from './record-view.js';

const PLACE = { topic: 't', partition: 0, offset: 7, timestampMs: 1000, key: null };
const ID = 'wBa9fPOA-abcdefghijkl.0123456789abcdef';
const entry = (record: WireRecord): Entry => entryOf(viewOf({ ...PLACE, ...record }));
const request = {
  version: 2,
  correlationId: ID,
  method: 'PUT',
  target: '/a',
  headers: [],
  client: null,
  deadlineMs: 5000,
  reply: { topic: 'responses', partition: 1 },
  trace: null,
  body: Buffer.from('abc'),
  trailers: null,
  more: true,
} as const;
const reply = {
  version: 2,
  correlationId: ID,
  status: 200,
  reason: null,
  headers: [],
  error: null,
  tookMs: 3,
  body: Buffer.from('ab'),
  trailers: null,
  sequence: { ...NO_SEQUENCE, seq: 0, exec: 'x' },
} as const;
const part = (sequence: object, error: 'client_gone' | null = null) =>
  encodeContinuationV2({
    correlationId: ID,
    sequence: { ...NO_SEQUENCE, exec: 'x', ...sequence },
    error,
    body: Buffer.from('p'),
    trailers: null,
  });

it.each<[string, WireRecord, Partial<Entry>]>([
  [
    'a request',
    encodeRequest(request),
    { kind: 'request', bytes: 3, deadlineMs: 5000, replyTopic: 'responses', sequence: { exec: null, isLast: false } },
  ],
  ['a whole request', encodeRequest({ ...request, more: false }), { kind: 'request', sequence: null }],
  [
    'a reply that goes on',
    encodeReply(reply),
    { kind: 'reply', bytes: 2, tookMs: 3, sequence: { exec: 'x', isLast: false } },
  ],
  ['a part', part({ seq: 1 }), { kind: 'part', bytes: 1, sequence: { exec: 'x', isLast: false } }],
  ['the last part', part({ seq: 2, end: true }), { kind: 'part', sequence: { exec: 'x', isLast: true } }],
  [
    'the end of a broken one',
    part({ seq: 2, end: true }, 'client_gone'),
    { kind: 'part', code: 'client_gone', sequence: { exec: 'x', isLast: true } },
  ],
  ['credit', part({ credit: 100 }), { kind: 'control' }],
  ['a withdrawal', part({ cancel: true }), { kind: 'control' }],
  [
    'a canary',
    { value: Buffer.from('{}'), headers: [{ correlation_id: 'canary-1' }, { khp: '{"v":2,"canary":true}' }] },
    { kind: 'canary', fault: null },
  ],
  [
    'what is no request',
    { value: null, headers: [{ correlation_id: 'a' }, { khp: '{"v":2,"method":"A B"}' }] },
    { kind: 'unreadable', fault: '"method" must be an HTTP token, and not CONNECT' },
  ],
  [
    'what is nothing of ours',
    { value: Buffer.from('x'), headers: [] },
    { kind: 'unreadable', bytes: 1, fault: expect.any(String) as string },
  ],
])('keeps of %s what a line says', (_what, record, expected) => {
  expect(entry(record)).toMatchObject(expected);
});

it('puts records in the order of their times, and those of one time by their places', () => {
  const at = (topic: string, partition: number, offset: number, timeMs: number) => ({
    topic,
    partition,
    offset,
    timeMs,
  });
  const ordered = [at('c', 0, 0, 1), at('a', 0, 9, 5), at('a', 1, 0, 5), at('a', 1, 1, 5), at('b', 0, 0, 5)];
  expect([...ordered].reverse().sort(byTime)).toEqual(ordered);
});
