import { describe, expect, it } from 'vitest';
import { headBytes, MAX_HEAD_LINES, MAX_METADATA_BYTES, MAX_REPLY_LINES, oversized, queuedBytes } from './limits.js';
import { decodeInbox, decodeRequest } from './wire.js';

const ID = { correlation_id: Buffer.from('abcdefgh-1') };

describe('a record of a stranger', () => {
  it('is too large by its khp, whatever that says, and still names who waits', () => {
    const khp = Buffer.alloc(MAX_METADATA_BYTES + 1, '[');
    expect(oversized({ value: null, headers: [ID, { khp }] }, 1_000_000)).toMatchObject({
      fault: 'oversized',
      correlationId: 'abcdefgh-1',
      reply: null,
    });
    expect(oversized({ value: null, headers: [ID, { khp: khp.subarray(1) }] }, 1_000_000)).toBeNull();
  });

  it('is too large by its value, and by other headers', () => {
    expect(oversized({ value: Buffer.alloc(1_000_000), headers: [ID] }, 1_000_000)).toBeNull();
    expect(oversized({ value: Buffer.alloc(1_100_000), headers: [ID] }, 1_000_000)?.fault).toBe('oversized');
    const long = { correlation_id: Buffer.alloc(2_000_000, 'x') };
    expect(oversized({ value: null, headers: [long] }, 1_000_000)).toMatchObject({ correlationId: null });
    const headers = Array.from({ length: 300 }, () => ({ a: Buffer.alloc(0) }));
    expect(oversized({ value: null, headers }, 1_000_000)?.message).toMatch(/300 headers/);
  });

  it('with more lines of a head than are taken is neither a request nor a reply', () => {
    const lines = (count: number) => Array.from({ length: count }, () => ['a', 'b']).flat();
    const record = (fields: object) => ({ value: null, headers: [ID, { khp: JSON.stringify({ v: 2, ...fields }) }] });
    const request = (count: number) => record({ method: 'GET', target: '/', headers: lines(count) });
    expect(decodeRequest(request(MAX_HEAD_LINES + 1)).ok).toBe(true);
    expect(decodeRequest(request(MAX_HEAD_LINES + 2)).ok).toBe(false);
    expect(decodeInbox(record({ status: 200, headers: lines(MAX_REPLY_LINES) })).ok).toBe(true);
    expect(decodeInbox(record({ status: 200, headers: lines(MAX_REPLY_LINES + 1) })).ok).toBe(false);
  });

  it.each([
    ['a tunnel', 'CONNECT', ['Host', 'a:1']],
    ['a tunnel in small letters, which HTTP clients write in capitals', 'connect', []],
    ['a Host that is none', 'GET', ['Host', 'a/b']],
    ['two Hosts', 'GET', ['Host', 'a', 'hOST', 'b']],
  ])('that asks for %s is no request, in neither version', (_what, method, headers) => {
    const khp = JSON.stringify({ v: 2, method, target: '/', headers });
    expect(decodeRequest({ value: null, headers: [ID, { khp }] }).ok).toBe(false);
    const one = Object.fromEntries([headers.slice(0, 2), headers.slice(2)].filter((pair) => pair.length === 2));
    const value = Buffer.from(JSON.stringify({ correlation_id: 'a', method, path: '/', headers: one }));
    expect(decodeRequest({ value, headers: [] }).ok).toBe(false);
  });

  it('that is a reply of version 1 is no request', () => {
    const reply = { correlation_id: 'a', status_code: 200, headers: {}, body: 'x' };
    const read = decodeRequest({ value: Buffer.from(JSON.stringify(reply)), headers: [] });
    expect(read).toMatchObject({ ok: false, error: { fault: 'malformed_body', correlationId: 'a' } });
  });

  it('has its path of version 1 read in a time that grows with its length', () => {
    const read = (path: string) => {
      const value = Buffer.from(JSON.stringify({ correlation_id: 'a', path }));
      const startMs = performance.now();
      const { ok } = decodeRequest({ value, headers: [] });
      return { ok, tookMs: performance.now() - startMs };
    };
    expect(read(`/${'%'.repeat(900_000)}`)).toMatchObject({ ok: false });
    read(`/${'%'.repeat(1000)}`);
    const { ok, tookMs } = read(`/${'%'.repeat(200_000)}`);
    expect(ok).toBe(true);
    // It took 230 ms, a call for each character.
    expect(tookMs).toBeLessThan(150);
  });
});

describe('the price', () => {
  it('of a head is its characters and something for each line', () => {
    const many = headBytes(Array.from({ length: 1000 }, () => ['a', 'b']).flat());
    expect(many).toBeGreaterThan(50_000);
    expect(headBytes(['a', 'x'.repeat(1000)])).toBeLessThan(1200);
  });

  it('of a record that waits is more than its bytes', () => {
    expect(queuedBytes(Buffer.alloc(10), [{ khp: Buffer.alloc(100) }], 0)).toBeGreaterThan(210);
    expect(queuedBytes(null, [], 10)).toBeGreaterThan(600);
  });
});
