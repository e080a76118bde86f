import { MAX_REPLY_LINES } from '@kafka-http-proxy/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answer, backend, gather, OK, PLAIN_GET, ways } from '../testing/call-backend.js';
import { rawBackend } from '../testing/raw-backend.js';
import { topic } from '../testing/samples.js';
import { createBackendPools } from './backend-pools.js';

const LINES = 'A: b\r\n'.repeat(MAX_REPLY_LINES + 1);

describe('the answer of a backend', () => {
  it.each(ways)(
    'comes with headers in order, case, repeats and bytes, and its body untouched (%s)',
    async (_way, request) => {
      const bytes = Buffer.from([0x1f, 0x8b, 0, 255, 13, 10]).toString('latin1');
      const fields = [
        'set-Cookie: a=1',
        'X-B: caf\xe9',
        'Set-Cookie: b=2',
        'Content-Encoding: gzip',
        'Content-Length: 6',
      ];
      const { call } = await backend(`HTTP/1.1 200 OK\r\n${fields.join('\r\n')}\r\n\r\n${bytes}`);
      const { head, body } = answer(await call(request));
      expect(head.headers).toEqual(fields.flatMap((field) => field.split(': ')));
      expect(body?.toString('latin1')).toBe(bytes);
    },
  );

  it.each(ways)('can be chunked, or end with the connection (%s)', async (_way, request) => {
    const { call } = await backend(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc'),
    );
    expect(answer(await call(request)).body?.toString()).toBe('abcde');
    expect(answer(await call(request)).body?.toString()).toBe('abc');
  });

  it.each(ways)('skips 1xx responses (%s)', async (_way, request) => {
    const { call } = await backend(`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${OK}`);
    const { head } = answer(await call(request));
    expect(head).toEqual({ status: 200, reason: null, headers: ['Content-Length', '2'] });
  });

  it.each(ways)('is found behind a 100 Continue that nobody asked for (%s)', async (_way, request) => {
    const late = 'HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 100\r\n\r\n';
    const { call, connections } = await backend(
      `HTTP/1.1 100 Continue\r\n\r\n${OK}`,
      async (socket) => {
        for (const byte of late + OK) {
          socket.write(byte);
          await new Promise(setImmediate);
        }
      },
      OK,
    );
    for (let i = 0; i < 3; i++) {
      expect(answer(await call({ method: 'POST', body: Buffer.from('x'), ...request })).body?.toString()).toBe('ok');
    }
    expect(connections()).toBeLessThanOrEqual(request.target === '*' ? 3 : 2);
  });

  it('may have a body that looks like one', async () => {
    const { call } = await backend(async (socket) => {
      for (const part of [
        'HTTP/1.1 200 OK\r\nContent-Length: 46\r\n\r\n',
        'HTTP/1.1 100 Continue\r\n\r\n',
        'HTTP/1.1 100 ok\r\n\r\n!!',
      ]) {
        socket.write(part);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
    expect(answer(await call()).body?.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 ok\r\n\r\n!!');
  });

  it.each(ways)('tells its sink of one head (%s)', async (_way, request) => {
    const server = await rawBackend(`HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n${OK}`);
    const config = topic({ backend_url: server.url });
    const pools = createBackendPools();
    onTestFinished(() => pools.close());
    const statuses: number[] = [];
    await new Promise<void>((end, failed) => {
      const sink = {
        head: ({ status }: { status: number }) => statuses.push(status),
        data: () => true,
        end: () => end(),
        failed,
      };
      pools.open(config, 1).backend.send({ ...PLAIN_GET, ...request }, sink);
    });
    expect(statuses).toEqual([200]);
  });

  it.each(ways)('has its reason phrase where that is not the usual one (%s)', async (_way, request) => {
    const phrases = ['OK', 'Fine By Me', '', 'caf\xc3\xa9'];
    const { call } = await backend(...phrases.map((phrase) => `HTTP/1.1 200 ${phrase}\r\nContent-Length: 0\r\n\r\n`));
    const reasons: (string | null)[] = [];
    for (const _ of phrases) reasons.push(answer(await call(request)).head.reason);
    expect(reasons).toEqual([null, 'Fine By Me', '', 'caf\xc3\xa9']);
  });

  it.each(ways)('has no reason phrase where that is no text (%s)', async (_way, request) => {
    const { call } = await backend('HTTP/1.1 200 O\0K\x01\r\nContent-Length: 2\r\n\r\nok');
    expect(answer(await call(request)).head).toMatchObject({ status: 200, reason: null });
  });

  it('has no reason phrase in Latin-1 by undici, which reads UTF-8; node:http gives its bytes', async () => {
    const reasons: (string | null)[] = [];
    for (const [, request] of ways) {
      const { call } = await backend('HTTP/1.1 200 caf\xe9\r\nContent-Length: 2\r\n\r\nok');
      reasons.push(answer(await call(request)).head.reason);
    }
    expect(reasons).toEqual([null, 'caf\xe9']);
  });

  it.each(ways)('whose chunk size has a space behind it is none (%s)', async (_way, request) => {
    const { call } = await backend('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2 \r\nok\r\n0\r\n\r\n');
    expect(await call(request)).toMatchObject({ kind: 'failure', failure: { kind: 'unreachable', sent: true } });
  });

  it.each([
    ['an answer', OK],
    ['bytes', 'evil'],
    ['the body of HEAD', 'ok'],
    ['a continuation', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ])('is its own: %s behind the one before is taken for nobody’s', async (_what, extra) => {
    for (const method of ['GET', 'HEAD', 'POST']) {
      const first = `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${method === 'HEAD' ? '' : 'ok'}`;
      const mine = 'HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\nmine';
      const { call } = await backend(first + extra, mine);
      expect(answer(await call({ method })).head.status).toBe(200);
      const next = answer(await call());
      expect([next.head.status, String(next.body)]).toEqual([201, 'mine']);
    }
  });

  it('that is 304 with a length costs no more than its connection', async () => {
    const server = await rawBackend('HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n');
    const config = topic({ backend_url: server.url });
    const pools = createBackendPools();
    onTestFinished(() => pools.close());
    for (let i = 0; i < 5; i++) {
      const options = { maxBodyBytes: 1_000, timeoutMs: 30_000 };
      expect(answer(await gather(pools.open(config, 1).backend, PLAIN_GET, options)).head.status).toBe(304);
    }
  });

  it('has no body after HEAD, 204 and 304, whatever Content-Length says; an empty one otherwise', async () => {
    const { call } = await backend(
      'HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n',
      'HTTP/1.1 204 No Content\r\n\r\n',
      'HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\nETag: "x"\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    );
    const head = answer(await call({ method: 'HEAD' }));
    expect([head.body, head.head.headers]).toEqual([null, ['Content-Length', '9999999']]);
    expect(answer(await call()).body).toBeNull();
    const notModified = answer(await call());
    expect([notModified.body, notModified.head.headers[1]]).toEqual([null, '500']);
    expect(answer(await call()).body).toEqual(Buffer.alloc(0));
  });

  it('may have a head of 64 KiB', async () => {
    const { call } = await backend(`HTTP/1.1 200 OK\r\nX-Big: ${'x'.repeat(65_536)}\r\nContent-Length: 0\r\n\r\n`);
    expect(answer(await call()).head.headers[1]).toHaveLength(65_536);
  });
});

describe('more lines than a reply may have', () => {
  it.each([
    ['in the head', `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n${LINES}\r\n`],
    ['in the trailers', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${LINES}\r\n`],
  ])('are no usable response, %s, from both clients', async (_where, response) => {
    const { call } = await backend(response);
    const failure = { kind: 'failure', failure: { kind: 'unreachable', sent: true } };
    expect(await call()).toMatchObject(failure);
    expect(await call({ target: '*', method: 'OPTIONS' })).toMatchObject(failure);
  });
});
