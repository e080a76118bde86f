import { expect, it } from 'vitest';
import type { Entry } from '../records/entry.js';
import type { PairOutcome } from './pair.js';
import { createPairs } from './pairs.js';

const NOTHING: Entry = {
  timeMs: 1000,
  topic: 'responses',
  partition: 0,
  offset: 0,
  kind: 'reply',
  correlationId: 'a',
  id: 'a',
  method: null,
  target: null,
  status: null,
  code: null,
  client: null,
  principal: null,
  bytes: 0,
  deadlineMs: null,
  replyTopic: null,
  tookMs: null,
  sequence: null,
  fault: null,
};
const request = (fields: Partial<Entry> = {}): Entry => ({
  ...NOTHING,
  topic: 'requests',
  kind: 'request',
  method: 'GET',
  target: '/',
  deadlineMs: 31_000,
  ...fields,
});
const reply = (fields: Partial<Entry> = {}): Entry => ({
  ...NOTHING,
  timeMs: 1050,
  status: 200,
  tookMs: 30,
  ...fields,
});
const head = (exec: string, fields: Partial<Entry> = {}) =>
  reply({ bytes: 2, sequence: { exec, isLast: false }, ...fields });
const part = (exec: string, fields: Partial<Entry> = {}) =>
  reply({ kind: 'part', status: null, bytes: 3, timeMs: 1100, sequence: { exec, isLast: false }, ...fields });
const last = (exec: string, fields: Partial<Entry> = {}) =>
  part(exec, { timeMs: 1200, sequence: { exec, isLast: true }, ...fields });
const letter = (code: string) => reply({ kind: 'letter', topic: 'failed', status: 503, tookMs: null, code });

interface Expected {
  readonly outcome: PairOutcome;
  readonly [field: string]: unknown;
}

it.each<[string, Entry[], Expected]>([
  [
    'a request and its reply',
    [request(), reply({ bytes: 5 })],
    { outcome: 'answered', status: 200, bytes: 5, queueMs: 20, backendMs: 30, totalMs: 50 },
  ],
  ['a reply that is read before its request', [reply(), request()], { outcome: 'answered', totalMs: 50 }],
  [
    'a reply of a clock that is behind',
    [request(), reply({ timeMs: 900 })],
    { outcome: 'answered', queueMs: 0, totalMs: 0 },
  ],
  [
    'a reply that does not say how long it took',
    [request(), reply({ tookMs: null })],
    { outcome: 'answered', queueMs: null, backendMs: null, totalMs: 50 },
  ],
  [
    'a failure of the bridge',
    [request(), reply({ status: 503, code: 'backend_unhealthy' })],
    { outcome: 'answered', status: 503, code: 'backend_unhealthy' },
  ],
  [
    'a reply behind the deadline',
    [request({ deadlineMs: 1020 }), reply()],
    { outcome: 'late', status: 200, totalMs: 50 },
  ],
  [
    'a 504 at the deadline',
    [request({ deadlineMs: 1020 }), reply({ status: 504, code: 'backend_timeout' })],
    { outcome: 'answered', status: 504 },
  ],
  [
    'a reply in parts, to its last',
    [request(), head('x'), part('x'), last('x')],
    { outcome: 'answered', status: 200, bytes: 8, totalMs: 200, queueMs: 20 },
  ],
  [
    'a reply in parts that are all read before it',
    [head('x'), last('x'), request()],
    { outcome: 'answered', bytes: 5, totalMs: 200 },
  ],
  [
    'one of two executions',
    [request(), head('x'), head('y'), last('y'), part('x'), last('x')],
    { outcome: 'answered', bytes: 8 },
  ],
  [
    'a reply that breaks off',
    [request(), head('x'), last('x', { code: 'backend_unreachable', bytes: 0 })],
    { outcome: 'cut', status: 200, code: 'backend_unreachable', bytes: 2 },
  ],
  [
    'a dead letter and a reply',
    [request(), letter('backend_timeout'), reply({ status: 504, code: 'backend_timeout' })],
    { outcome: 'answered', code: 'backend_timeout' },
  ],
])('joins %s', (_what, entries, expected) => {
  const pairs = createPairs({ maxOpen: 10 });
  expect(entries.flatMap((entry) => pairs.add(entry))).toMatchObject([expected]);
  expect(pairs.open).toBe(0);
  expect(pairs.rest(1e12)).toEqual([]);
});

it.each<[string, Entry[], number, Expected]>([
  ['no reply yet', [request()], 20_000, { outcome: 'waiting', status: null, code: null, totalMs: null }],
  [
    'no reply until the deadline',
    [request()],
    40_000,
    { outcome: 'unanswered', status: null, code: 'timeout', totalMs: null },
  ],
  [
    'a dead letter alone',
    [request(), letter('processing_failed')],
    40_000,
    { outcome: 'unanswered', status: null, code: 'processing_failed' },
  ],
  ['no deadline, as in version 1', [request({ deadlineMs: null })], 1e12, { outcome: 'waiting', code: null }],
  [
    'a reply that goes on',
    [request(), head('x'), part('x')],
    1e12,
    { outcome: 'streaming', status: 200, bytes: 5, totalMs: 100 },
  ],
])('ends with %s', (_what, entries, nowMs, expected) => {
  const pairs = createPairs({ maxOpen: 10 });
  expect(entries.flatMap((entry) => pairs.add(entry))).toEqual([]);
  expect(pairs.rest(nowMs)).toMatchObject([expected]);
});

it('gives those up whose deadline has passed, a little later, and no upload, whose deadline starts again', () => {
  const pairs = createPairs({ maxOpen: 10, graceMs: 2000 });
  pairs.add(request());
  pairs.add(request({ correlationId: 'b', id: 'b', sequence: { exec: null, isLast: false } }));
  expect(pairs.expired(32_000)).toEqual([]);
  expect(pairs.expired(33_001)).toMatchObject([{ outcome: 'unanswered', request: { id: 'a' } }]);
  expect(pairs.add(reply())).toEqual([]);
  expect(pairs.open).toBe(1);
});

it('follows no more requests than it may: the oldest is given up, and counted', () => {
  const pairs = createPairs({ maxOpen: 2 });
  const ids = ['a', 'b', 'c'];
  const found = ids.flatMap((id) => pairs.add(request({ correlationId: id, id })));
  expect(found).toMatchObject([{ outcome: 'given_up', request: { id: 'a' } }]);
  expect([pairs.open, pairs.givenUp]).toEqual([2, 1]);
});

it('remembers no more replies without a request than it may, and the youngest', () => {
  const pairs = createPairs({ maxOpen: 3 });
  for (const id of ['a', 'b', 'c', 'd', 'e']) pairs.add(reply({ correlationId: id }));
  const found = ['a', 'b', 'c', 'd', 'e'].map((id) => pairs.add(request({ correlationId: id })).length);
  expect(found).toEqual([0, 0, 1, 1, 1]);
});

it('takes a request whose id comes again for the one that it has', () => {
  const pairs = createPairs({ maxOpen: 3 });
  pairs.add(request());
  expect(pairs.add(request({ offset: 7 }))).toEqual([]);
  expect(pairs.add(reply())).toMatchObject([{ request: { offset: 0 } }]);
});
