import { BridgeError, shownId } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { client, published, set, test } from '../testing/dialled-bridge.js';
import { replyOf } from '../testing/ingress.js';
import { createOwnFields } from './own-fields.js';

const REPLY = /\r\n\r\nok$/;
const HEAD = /\r\n\r\n/;
const request = (more = '') => `GET / HTTP/1.1\r\nHost: h\r\n${more}\r\n`;
/** The id of the request that was published last, whole. */
const latest = () => test.published.at(-1)?.correlationId ?? 'none';
const settle = (fields: Parameters<typeof replyOf>[0] = {}) =>
  test.settlement.settle(replyOf({ correlationId: latest(), ...fields }));

/** The values of X-Request-ID in a head. */
const idsIn = (head: string) => [...head.matchAll(/^x-request-id: (.*)$/gim)].map(([, id]) => id?.trimEnd());

describe('X-Request-ID of an answer', () => {
  it.each([
    ['has none', '', null],
    ['has one', 'X-Request-ID: a-1\r\n', 'a-1'],
    ['has one that is no id', 'X-Request-ID: two words\r\n', null],
    ['has several', 'X-Request-ID: a\r\nX-Request-ID: b\r\n', 'a'],
  ])('is what the backend gets, where the client %s', async (_what, field, own) => {
    await set();
    client.send(request(field));
    await published();
    settle();
    const head = await client.until(REPLY);
    expect(idsIn(head)).toEqual([own ?? shownId(latest())]);
    expect(head).not.toContain(latest());
  });

  it('is there when the reply streams', async () => {
    await set();
    client.send(request('X-Request-ID: a-1\r\n'));
    await published();
    test.head({ body: Buffer.from('begun') });
    expect(idsIn(await client.until(HEAD))).toEqual(['a-1']);
  });

  it('is there with trailers, and without a body', async () => {
    await set();
    client.send(request());
    await published();
    settle({ trailers: ['X-T', '1'] });
    expect(idsIn(await client.until(/X-T: 1\r\n\r\n$/))).toEqual([shownId(latest())]);
    client.send(request());
    await published(2);
    settle({ status: 204, body: null });
    expect(idsIn(await client.until(/\r\n\r\n$/))).toEqual([shownId(latest())]);
  });

  it('is the reply’s own where that has one, whatever the client sent', async () => {
    await set();
    client.send(request('X-Request-ID: mine\r\n'));
    await published();
    settle({ headers: ['x-request-id', 'theirs'] });
    expect(idsIn(await client.until(REPLY))).toEqual(['theirs']);
  });

  it('is not lost with a field that Connection names', async () => {
    await set();
    client.send(request());
    await published();
    settle({ headers: ['Connection', 'X-Request-ID', 'X-Request-ID', 'of one hop'] });
    expect(idsIn(await client.until(REPLY))).toEqual([shownId(latest())]);
  });

  it('is that of the problem, before and behind the exchange', async () => {
    await set();
    client.send('GET / HTTP/1.1\r\nHost: h\r\nX-Kafka-Timeout: soon\r\n\r\n');
    const refused = await client.until(/\}$/);
    expect(refused).toMatch(/^HTTP\/1\.1 400 /);
    expect(idsIn(refused)).toEqual(['refused-id']);
    client.send(request());
    await published();
    test.settles[0]?.(new BridgeError('kafka_unavailable', 'Kafka is away.'));
    const failed = await client.until(/\}$/);
    expect(idsIn(failed)).toEqual([shownId(latest())]);
    expect(failed).toContain(`"correlation_id":"${shownId(latest())}"`);
    expect(failed).not.toContain(latest());
  });

  it('is left out for who asks that answers stay as they are', async () => {
    await set({ request_id_header: false });
    client.send(request('X-Request-ID: a-1\r\n'));
    await published();
    settle();
    expect(idsIn(await client.until(REPLY))).toEqual([]);
  });
});

it('goes by a changed configuration from the next answer on', async () => {
  await set();
  test.plane.ingress.change({ ...test.config, request_id_header: false, server_timing: true }, () => undefined);
  client.send(request());
  await published();
  settle();
  const head = await client.until(REPLY);
  expect(idsIn(head)).toEqual([]);
  expect(head).toMatch(/^Server-Timing: total;dur=/m);
});

describe('Server-Timing of an answer', () => {
  const own = createOwnFields({ requestId: false, serverTiming: true });
  const of = (queueMs: number | null, inQueueMs: number | null) =>
    own([], 'id', { queueMs, inQueueMs, backendMs: 31, totalMs: 43.84 }).serverTiming;

  it('tells Kafka from the queue, where the processor says how long that was', () => {
    expect(of(12, 9)).toBe('kafka;dur=3, queue;dur=9, backend;dur=31, total;dur=43.8');
    expect(of(12, 12)).toBe('kafka;dur=0, queue;dur=12, backend;dur=31, total;dur=43.8');
  });

  it('is of both together where it does not, or by a clock that goes ahead', () => {
    for (const inQueueMs of [null, 13, 90_000]) {
      expect(of(12, inQueueMs)).toBe('queue;dur=12, backend;dur=31, total;dur=43.8');
    }
  });

  it('is asked of the processor only where it is configured', async () => {
    await set();
    client.send(request());
    await published();
    expect(test.published.at(-1)).not.toHaveProperty('timing', true);
    test.plane.ingress.change({ ...test.config, server_timing: true }, () => undefined);
    settle();
    await client.until(REPLY);
  });

  it('is not there unless it is configured, whatever the client asks for', async () => {
    await set();
    client.send(request('Server-Timing: 1\r\nTE: trailers\r\n'));
    await published();
    settle({ tookMs: 5 });
    expect(await client.until(REPLY)).not.toMatch(/server-timing/i);
  });

  it('tells what the processor took, what is left of the way, and all', async () => {
    await set({ server_timing: true });
    client.send(request());
    await published();
    settle({ tookMs: 0, headers: ['Server-Timing', 'db;dur=3'] });
    const head = await client.until(REPLY);
    expect(head).toMatch(/^Server-Timing: db;dur=3\r\n/m);
    expect(head).toMatch(/^Server-Timing: queue;dur=\d+, backend;dur=0, total;dur=\d+\.\d\r\n/m);
  });

  it('tells of a stream and of a problem what is known when they begin', async () => {
    await set({ server_timing: true });
    client.send(request());
    await published();
    test.head({ body: Buffer.from('begun') });
    expect(await client.until(HEAD)).toMatch(/^Server-Timing: total;dur=\d+\.\d\r\n/m);
    const other = await test.plane.dial();
    other.send(request('X-Kafka-Timeout: soon\r\n'));
    expect(await other.until(/\}$/)).toMatch(/^Server-Timing: total;dur=\d+\.\d\r\n/m);
    other.close();
  });
});
