import { createServer } from 'node:http';
import { MAX_REPLY_LINES } from '@kafka-http-proxy/protocol';
import { systemClock } from '@kafka-http-proxy/streams';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Attempt, type ReceiveOptions, receive } from '../attempts/receive.js';
import { NO_LIMIT } from '../testing/no-limit.js';
import { type Behaviour, closedPort, rawBackend } from '../testing/raw-backend.js';
import { backendRequest, topic } from '../testing/samples.js';
import { createBackendPools } from './backend-pools.js';
import type { BackendRequest } from './backend-request.js';

const PLAIN_GET = backendRequest();

type Call = (request?: Partial<BackendRequest>, options?: Partial<ReceiveOptions>) => Promise<Attempt>;

function caller(url: string): { call: Call; close(): Promise<void> } {
  const config = topic({ backend_url: url });
  const pools = createBackendPools([config], 10);
  onTestFinished(() => pools.close());
  return {
    close: pools.close,
    call: (request, options) =>
      receive(
        pools.backendOf(config),
        { ...PLAIN_GET, ...request },
        { maxBodyBytes: 1_000_000, timeoutMs: 5_000, clock: systemClock, budget: NO_LIMIT, ...options },
      ),
  };
}

const LINES = 'A: b\r\n'.repeat(MAX_REPLY_LINES + 1);

async function backend(...behaviours: Behaviour[]) {
  const server = await rawBackend(...behaviours);
  return { ...server, server, ...caller(server.url) };
}

function answer(attempt: Attempt): Attempt & { kind: 'answer' } {
  if (attempt.kind !== 'answer') throw new Error(`no answer: ${JSON.stringify(attempt)}`);
  return attempt;
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Each by undici, and by node:http for what undici can't say. */
const ways: [string, Partial<BackendRequest>][] = [
  ['undici', {}],
  ['node:http', { target: '*', method: 'OPTIONS' }],
];

describe('a request to a backend', () => {
  it('goes out with its target, header order, case, repeats and bytes as they are', async () => {
    const { call, requests, url } = await backend(OK);
    const body = Buffer.from([0, 255, 10, 13, 128, 192]);
    const target = "/%2e%2E/a//b?x=1&x=2&y=%zz'\xe9";
    const headers = ['x-B', '1', 'X-a', '2', 'x-B', '3', 'X-Latin', 'caf\xe9'];
    answer(await call({ method: 'POST', target, headers, body }));
    const [head, sent] = (requests[0] as string).split('\r\n\r\n');
    expect(head?.split('\r\n')).toEqual([
      `POST ${target} HTTP/1.1`,
      `host: ${new URL(url).host}`,
      'connection: keep-alive',
      'x-B: 1',
      'X-a: 2',
      'x-B: 3',
      'X-Latin: caf\xe9',
      'content-length: 6',
    ]);
    expect(Buffer.from(sent as string, 'latin1')).toEqual(body);
  });

  it('sends custom methods, and bodies with GET and DELETE', async () => {
    const { call, requests } = await backend(OK);
    for (const method of ['BREW', 'GET', 'DELETE']) answer(await call({ method, body: Buffer.from('hi') }));
    for (const [i, method] of ['BREW', 'GET', 'DELETE'].entries()) {
      expect(requests[i]).toMatch(new RegExp(`^${method} / .*content-length: 2\r\n\r\nhi$`, 's'));
    }
  });

  it.each(['GET', 'DELETE', 'POST', 'BREW'])('tells an empty body of %s from none', async (method) => {
    const { call, requests } = await backend(OK);
    answer(await call({ method, body: Buffer.alloc(0) }));
    expect(requests[0]).toMatch(/content-length: 0\r\n/i);
    answer(await call({ method, body: null }));
    if (method !== 'POST') expect(requests[1]).not.toMatch(/content-length|transfer-encoding/i);
  });

  it('sends OPTIONS * as it is', async () => {
    const { call, requests, url } = await backend(OK);
    const { head, body } = answer(await call({ method: 'OPTIONS', target: '*', headers: ['x-A', '1', 'X-a', '2'] }));
    const lines = (requests[0] as string).split('\r\n');
    expect(lines.slice(0, 4)).toEqual(['OPTIONS * HTTP/1.1', `Host: ${new URL(url).host}`, 'x-A: 1', 'X-a: 2']);
    expect([head.status, body?.toString()]).toEqual([200, 'ok']);
  });

  it.each(ways)('sends another Host where one is given (%s)', async (_way, request) => {
    const { call, requests } = await backend(OK);
    answer(await call({ ...request, host: 'client.example' }));
    expect((requests[0] as string).match(/^host:.*$/gim)).toEqual([expect.stringMatching(/host: client.example/i)]);
  });

  it('uses connections again', async () => {
    const { call, server } = await backend(OK);
    for (let i = 0; i < 20; i++) answer(await call());
    // A connection is free again a turn of the event loop after its answer, so two take turns.
    expect(server.connections()).toBeLessThanOrEqual(2);
  });
});

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
    const pools = createBackendPools([config], 1);
    onTestFinished(() => pools.close());
    const statuses: number[] = [];
    await new Promise<void>((end, failed) => {
      const sink = {
        head: ({ status }: { status: number }) => statuses.push(status),
        data: () => true,
        end: () => end(),
        failed,
      };
      pools.backendOf(config).send({ ...PLAIN_GET, ...request }, sink);
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
    const pools = createBackendPools([config], 1);
    onTestFinished(() => pools.close());
    for (let i = 0; i < 5; i++) {
      const options = { maxBodyBytes: 1_000, timeoutMs: 30_000, clock: systemClock, budget: NO_LIMIT };
      expect(answer(await receive(pools.backendOf(config), PLAIN_GET, options)).head.status).toBe(304);
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

describe('a backend that fails', () => {
  it.each(ways)('was not reached when nobody listens: nothing was sent (%s)', async (_way, request) => {
    const { call } = caller(`http://127.0.0.1:${await closedPort()}`);
    const attempt = await call(request);
    expect(attempt).toMatchObject({ kind: 'failure', failure: { kind: 'unreachable', sent: false } });
  });

  it.each<[string, Behaviour]>([
    ['speaks something else', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['closes without a word', (socket) => socket.end()],
    ['resets', (socket) => socket.resetAndDestroy()],
    ['closes within the head', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-')],
    ['closes within the body', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc')],
    ['closes within a chunk', (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab')],
    ['has a status of no class', 'HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n'],
    ['has the status 000', (socket) => socket.end('HTTP/1.1 000 None\r\n\r\n')],
    ['has a status of four digits', 'HTTP/1.1 1000 High\r\nContent-Length: 0\r\n\r\n'],
    ['has both lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['has two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc'],
    ['has a NUL in its head', 'HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n'],
    ['has a line within a line', 'HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: b\r\nContent-Length: 0\r\n\r\n'],
    ['has an endless head', (socket) => socket.write(`HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(100_000)}`)],
    [
      'has a coding that nobody asked for',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    ],
    ['switches protocols unasked', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'],
  ])('one that %s is unreachable, and may have got the request', async (_title, behaviour) => {
    for (const [, request] of ways) {
      const { call } = await backend(behaviour);
      const attempt = await call(request, { timeoutMs: 1_000 });
      expect(attempt).toMatchObject({ kind: 'failure', failure: { kind: 'unreachable', sent: true } });
    }
  });

  it.each(ways)('one that hangs is given up in time, and its connection closed (%s)', async (_way, request) => {
    const { call, disconnected } = await backend(() => {});
    expect(await call(request, { timeoutMs: 30 })).toEqual({ kind: 'timeout', sent: true, starved: false });
    await disconnected;
  });

  it('one that trickles its body is given up in time', async () => {
    const { call, disconnected } = await backend((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
      const timer = setInterval(() => socket.write('x'), 10);
      socket.on('close', () => clearInterval(timer));
    });
    expect(await call({}, { timeoutMs: 100 })).toEqual({ kind: 'timeout', sent: true, starved: false });
    await disconnected;
  });

  it('gives up a request that was never sent without spoiling the connection it waited for', async () => {
    const server = await rawBackend((socket) => {
      setTimeout(() => socket.write(OK), 60);
    });
    const config = topic({ backend_url: server.url });
    const pools = createBackendPools([config], 1);
    onTestFinished(() => pools.close());
    const send = (timeoutMs: number) =>
      receive(pools.backendOf(config), PLAIN_GET, {
        maxBodyBytes: 10,
        timeoutMs,
        clock: systemClock,
        budget: NO_LIMIT,
      });
    const first = send(5_000);
    expect(await send(20)).toEqual({ kind: 'timeout', sent: false, starved: false });
    answer(await first);
    answer(await send(5_000));
    expect([server.connections(), server.requests.length]).toEqual([1, 2]);
  });

  it.each(ways)('a body over the limit is cut off at once (%s)', async (_way, request) => {
    const { call } = await backend('HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n');
    expect(await call(request, { maxBodyBytes: 10 })).toEqual({ kind: 'too_large' });
    const endless = await backend((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n');
      const more = () => socket.writable && socket.write('x'.repeat(10_000), more);
      more();
    });
    expect(await endless.call(request, { maxBodyBytes: 100_000 })).toEqual({ kind: 'too_large' });
    await endless.disconnected;
  });

  it.each(ways)('calls that run when the pools are closed end as closed (%s)', async (_way, request) => {
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { call, close } = await backend(() => arrived());
    const running = call(request);
    await arrival;
    await close();
    expect(await running).toMatchObject({ kind: 'failure', failure: { kind: 'closed' } });
    expect(await call(request)).toMatchObject({ kind: 'failure', failure: { kind: 'closed' } });
  });

  it('does not send what would break the framing', async () => {
    const { call, requests } = await backend(OK);
    const attempt = await call({ headers: ['X-Bad', 'a\r\nX-Injected: 1'] });
    expect(attempt).toMatchObject({ kind: 'failure', failure: { kind: 'refused', sent: false } });
    expect(requests).toEqual([]);
  });

  it('is told from an ordinary Node server, which gets on with it', async () => {
    const server = createServer((_request, response) => response.end('node'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { call } = caller(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
    const bodies = await Promise.all(Array.from({ length: 30 }, () => call()));
    expect(bodies.map((attempt) => answer(attempt).body?.toString())).toEqual(Array(30).fill('node'));
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
