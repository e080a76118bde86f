import {
  decodeRequest,
  encodeRequest,
  MAX_METADATA_BYTES,
  type WireRecord,
  wireSize,
} from '@kafka-http-proxy/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEAD_LETTER_HEADER, readLetter } from '../records/letter.js';
import { replayOf } from '../records/replay-header.js';
import { ERROR, letter, letterRecord, REQUEST } from '../testing/letters.js';
import { type ReplayAddress, type Replayed, type ReplayRecord, replayRecord } from './replay-record.js';

const ADDRESS: ReplayAddress = {
  correlationId: 'NNNNNNNN-bbbbbbbbbbbb.ssssssssssssssss',
  deadlineMs: 1_790_000_999_000,
  reply: { topic: 'orders-responses', partition: 11 },
  n: 1,
  run: 'r-1',
  by: 'alice@ops-1',
  at: 1_790_000_900_000,
};
const FIRST = 'wBa9fPOA-abcdefghijkl';
const SECRET = '0123456789abcdef';

function made(replayed: Replayed): ReplayRecord {
  if (!replayed.ok) throw new Error(replayed.why);
  return replayed.record;
}

const khpOf = (record: WireRecord): Record<string, unknown> =>
  JSON.parse(String(record.headers.find((header) => 'khp' in header)?.khp));
const names = ({ headers }: WireRecord) => headers.flatMap((header) => Object.keys(header));

describe('replayRecord', () => {
  it('is the request of the letter, addressed anew', () => {
    const record = made(replayRecord(letter(), ADDRESS));
    const decoded = decodeRequest(record);
    const { correlationId, deadlineMs, reply } = ADDRESS;
    const headers = [...REQUEST.headers, 'X-Request-ID', FIRST];
    expect(decoded).toEqual({ ok: true, value: { ...REQUEST, correlationId, deadlineMs, reply, headers } });
    expect(record).toMatchObject({ topic: 'orders-requests', partition: null });
    expect(replayOf(record.headers)).toEqual({
      ...{ v: 1, n: 1, run: 'r-1', id: FIRST, at: ADDRESS.at, by: 'alice@ops-1' },
      ...{ of: ['failed-requests', 0, 41], first: ['failed-requests', 0, 41] },
    });
    expect(JSON.stringify(record.headers)).not.toContain(SECRET);
  });

  it('keeps key and value, of whatever bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array({ minLength: 1 }), (key, value) => {
        const source = letterRecord({ body: Buffer.from(value) }, {}, { key: Buffer.from(key) });
        const record = made(replayRecord(readLetter(source), ADDRESS));
        expect(record.key).toEqual(Buffer.from(key));
        expect(record.value).toEqual(Buffer.from(value));
      }),
      { numRuns: 50 },
    );
  });

  it('changes deadline and reply in place, and keeps fields that are not known here', () => {
    const khp =
      '{"v":2,"method":"POST","later":{"a":[1]},"reply":["x",1],"target":"/","headers":[],"deadline":5,"z":null}';
    const source = letterRecord();
    const headers = source.headers.map((header) => ('khp' in header ? { khp } : header));
    const record = made(replayRecord(readLetter({ ...source, headers }), ADDRESS));
    expect(String(record.headers[1]?.khp)).toBe(
      `{"v":2,"method":"POST","later":{"a":[1]},"reply":["orders-responses",11],"target":"/","headers":["X-Request-ID","${FIRST}"],"deadline":${ADDRESS.deadlineMs},"z":null}`,
    );
  });

  it('says whose trace it goes on from, where the letter had one, and takes nothing of it along', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const record = made(replayRecord(letter({ trace: { traceparent, tracestate: 'a=1' }, timing: true }), ADDRESS));
    expect(replayOf(record.headers)?.trace).toBe(traceparent);
    expect(names(record)).not.toContain('traceparent');
    expect(khpOf(record)).not.toHaveProperty('timing');
    const own = made(replayRecord(letter({ trace: { traceparent, inHead: true } }), ADDRESS));
    expect(khpOf(own)).not.toHaveProperty('trace');
    const later = `cc-${traceparent.slice(3)}-${'x'.repeat(100)}`;
    for (const bad of ['a', later]) {
      const other = made(replayRecord(letter({ trace: { traceparent: bad } }), ADDRESS));
      expect(replayOf(other.headers)).not.toHaveProperty('trace');
    }
  });

  it('keeps the headers of others in their order, and none that are about the time before', () => {
    const source = letterRecord({ trace: { traceparent: 'a', tracestate: 'b' } });
    const headers = [{ before: 'x' }, ...source.headers, { 'khp-replay': '{}' }, { 'x-copy': Buffer.from([0, 255]) }];
    const record = made(replayRecord(readLetter({ ...source, headers: [...headers, { before: 'y' }] }), ADDRESS));
    expect(names(record)).toEqual(['correlation_id', 'khp', 'before', 'x-copy', 'before', 'khp-replay']);
    expect(record.headers[3]).toEqual({ 'x-copy': Buffer.from([0, 255]) });
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['that is sane', ['X-Request-ID', 'mine'], ['X-Request-ID', 'mine']],
    [
      'twice, of which the first counts',
      ['x-request-id', 'a', 'X-Request-ID', 'b'],
      ['x-request-id', 'a', 'X-Request-ID', 'b'],
    ],
    ['that is not sane', ['X-Request-Id', 'a b', 'A', 'b'], ['A', 'b', 'X-Request-ID', FIRST]],
    ['whose first is not sane', ['X-Request-Id', '', 'X-Request-Id', 'b'], ['X-Request-ID', FIRST]],
  ])('treats an X-Request-ID %s as the processor does', (_title, headers, expected) => {
    expect(khpOf(made(replayRecord(letter({ headers }), ADDRESS))).headers).toEqual(expected);
  });

  it('knows the first try and counts on, when what was sent again failed again', () => {
    const once = made(replayRecord(letter(), ADDRESS));
    const headers = [...once.headers, { [DEAD_LETTER_HEADER]: JSON.stringify(ERROR) }];
    const second = readLetter({ ...letterRecord(), offset: 77, value: once.value, headers });
    const twice = made(
      replayRecord(second, { ...ADDRESS, correlationId: 'MMMMMMMM-cccccccccccc.tttttttttttttttt', n: 2 }),
    );
    expect(replayOf(twice.headers)).toMatchObject({
      ...{ n: 2, id: FIRST, of: ['failed-requests', 0, 77], first: ['failed-requests', 0, 41] },
    });
    expect(khpOf(twice).headers).toEqual([...REQUEST.headers, 'X-Request-ID', FIRST]);
    expect(names(twice)).toEqual(names(once));
  });

  it('tells the processor where nobody waits, and takes that back where somebody does', () => {
    const silent = made(replayRecord(letter(), { ...ADDRESS, reply: null }));
    expect(khpOf(silent)).toMatchObject({ noreply: true });
    expect(khpOf(silent)).not.toHaveProperty('reply');
    const headers = [...silent.headers, { [DEAD_LETTER_HEADER]: JSON.stringify(ERROR) }];
    const again = khpOf(made(replayRecord(readLetter({ ...letterRecord(), headers }), ADDRESS)));
    expect(again).toMatchObject({ reply: ['orders-responses', 11] });
    expect(again).not.toHaveProperty('noreply');
  });

  it('leaves version 1 as it was', () => {
    const { value, headers } = encodeRequest({ ...REQUEST, version: 1, headers: [] });
    const source = { ...letterRecord(), value, headers: [...headers, { [DEAD_LETTER_HEADER]: JSON.stringify(ERROR) }] };
    const record = made(replayRecord(readLetter(source), { ...ADDRESS, reply: null }));
    expect(record.value).toBe(value);
    expect(names(record)).toEqual(['correlation_id', 'khp-replay']);
    expect(record.headers[0]).toEqual(headers[0]);
  });

  it('goes to another topic when told to', () => {
    expect(made(replayRecord(letter(), { ...ADDRESS, to: 'elsewhere' })).topic).toBe('elsewhere');
  });

  it('grows by what its documentation says, at most', () => {
    const long = 'x'.repeat(249);
    const source = {
      ...letterRecord({ correlationId: 'y'.repeat(128) }, null),
      topic: long,
      offset: Number.MAX_SAFE_INTEGER,
    };
    const headers = [...source.headers, { [DEAD_LETTER_HEADER]: JSON.stringify(ERROR) }];
    const address = { ...ADDRESS, run: 'r'.repeat(64), by: 'b'.repeat(256), n: 9999 };
    const record = made(replayRecord(readLetter({ ...source, headers }), address));
    expect(wireSize(record) - wireSize(source)).toBeLessThan(1400 + 150);
    const usual = made(replayRecord(letter(), ADDRESS));
    expect(wireSize(usual) - wireSize(letterRecord({}, null))).toBeLessThan(320);
  });

  it('says what can not be sent: no request, a head that is too large, one nested too deep', () => {
    expect(replayRecord(letter({}, null), ADDRESS)).toEqual({ ok: false, why: 'unreadable' });
    const wide = ['X-A', 'a'.repeat(MAX_METADATA_BYTES - 150)];
    expect(replayRecord(letter({ headers: wide }), ADDRESS)).toEqual({ ok: false, why: 'too_large' });
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const khp = `{"v":2,"method":"POST","target":"/","headers":[],"deep":${deep}}`;
    const source = letterRecord();
    const headers = source.headers.map((header) => ('khp' in header ? { khp } : header));
    expect(replayRecord(readLetter({ ...source, headers }), ADDRESS)).toEqual({ ok: false, why: 'unreadable' });
  });
});
