import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { RawClient } from '../http/raw-client.js';
import { rawExchange, requestBytes } from '../http/raw-http.js';
import { inPieces, openExchange, sha256, sha256Of } from '../http/stream-client.js';
import { echoStream, startStreamingBackend } from '../http/streaming-backend.js';
import { useBridge } from '../services/use-bridge.js';

const IDLE_S = 3;
const WINDOW_BYTES = 4_194_304;

const stage = useBridge({
  backend: startStreamingBackend,
  both: { STREAM_IDLE_TIMEOUT: String(IDLE_S), STREAM_WINDOW: String(WINDOW_BYTES) },
});
beforeEach(() => {
  stage.backend.handle = echoStream;
});

describe('a reply that is made over time', () => {
  const get = 'GET /events HTTP/1.1\r\nHost: h\r\n\r\n';

  it.each([
    ['text/event-stream', (n: number) => `id: ${n}\ndata: ${'x'.repeat(n)}\n\n`],
    ['application/x-ndjson', (n: number) => `{"id": ${n}, "data": "${'x'.repeat(n)}"}\n`],
  ])('arrives piece by piece, its head before the first: %s', async (type, piece) => {
    const called = stage.backend.next();
    const client = await RawClient.dial(stage.port);
    client.send(get);
    const { response, over } = await called;
    response.writeHead(200, { 'Content-Type': type });
    response.flushHeaders();
    const head = await client.until(/\r\n\r\n$/);
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head).toMatch(`Content-Type: ${type}\r\n`);
    expect(head).toMatch(/transfer-encoding: chunked\r\n/i);
    for (let n = 0; n < 100; n++) {
      // The next one is written only after this one has come.
      response.write(piece(n));
      const chunk = `${piece(n).length.toString(16)}\r\n${piece(n)}\r\n`;
      expect((await client.until(/\n\r\n$/)).toLowerCase()).toBe(chunk);
    }
    response.end();
    expect(await client.until(/\r\n\r\n$/)).toBe('0\r\n\r\n');
    expect(await over).toBe(true);
    client.close();
  });

  it('lives when it is quiet for longer than stream_idle_timeout', async () => {
    const called = stage.backend.next();
    const client = await RawClient.dial(stage.port);
    client.send(get);
    const { response } = await called;
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: 1\n\n');
    await client.until(/data: 1\n\n\r\n$/);
    await sleep(IDLE_S * 2000);
    response.write('data: 2\n\n');
    await client.until(/data: 2\n\n\r\n$/);
    response.end();
    expect(await client.until(/\r\n\r\n$/)).toBe('0\r\n\r\n');
    client.close();
  });
});

describe('a body of any size', () => {
  it.each([
    ['of a known length', (bytes: number) => ({ 'Content-Length': bytes })],
    ['chunked', () => ({})],
  ])('20 MB go up and come back at the same time: %s', async (_what, headers) => {
    const body = randomBytes(20_000_000);
    const { request, response } = openExchange(stage.port, 'POST', '/', headers(body.length));
    const [digest] = await Promise.all([response.then(sha256Of), pipeline(inPieces(body), request)]);
    expect(digest).toBe(sha256(body));
  });

  it('comes out as it went in around the sizes of records and windows', async () => {
    // The upload is read to its end before the reply begins.
    stage.backend.handle = async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      response.writeHead(200, { 'Content-Length': body.length, 'X-Framing': framing(request) }).end(body);
    };
    for (const bytes of [65_535, 65_536, 65_537, 262_143, 262_144, 262_145, 999_000, 1_000_000, 1_048_577, 4_194_305]) {
      const body = randomBytes(bytes);
      for (const headers of [{ 'Content-Length': bytes }, { 'Transfer-Encoding': 'chunked' }]) {
        const { request, response } = openExchange(stage.port, 'PUT', '/', headers);
        await pipeline(inPieces(body), request);
        const message = await response;
        expect([bytes, await sha256Of(message)]).toEqual([bytes, sha256(body)]);
        expect(message.headers['content-length']).toBe(String(bytes));
        expect(message.headers['x-framing']).toMatch('Content-Length' in headers ? String(bytes) : /^(chunked|\d+)$/);
      }
    }
  });

  it('a backend that reads nothing holds its client back, and then gets all of it', async () => {
    const body = randomBytes(64_000_000);
    const called = stage.backend.next();
    const { request, response } = openExchange(stage.port, 'POST', '/', { 'Content-Length': body.length });
    const sent = pipeline(inPieces(body), request);
    const call = await called;
    const [socket] = request.socket ? [request.socket] : await once(request, 'socket');
    await unchanging(() => socket.bytesWritten - socket.writableLength);
    // The buffers of two connections, which the kernel sizes, are beside the window.
    expect(socket.bytesWritten - socket.writableLength).toBeLessThan(WINDOW_BYTES + 16_000_000);
    const [digest] = await Promise.all([sha256Of(call.request), sent]);
    expect(digest).toBe(sha256(body));
    call.response.end('thanks');
    expect((await response).statusCode).toBe(200);
    expect(await sha256Of(await response)).toBe(sha256(Buffer.from('thanks')));
  });

  it.each([
    ['in one record', 1000],
    ['in many', 3_000_000],
  ])('has trailers, both ways: %s', async (_what, bytes) => {
    const body = randomBytes(bytes);
    stage.backend.handle = async (request, response) => {
      response.writeHead(200, { Trailer: 'X-Client-Sum, X-Got' });
      const digest = await sha256Of(request);
      response.write(body);
      response.addTrailers([
        ['X-Client-Sum', String(request.trailers['x-client-sum'])],
        ['X-Got', digest],
        ['X-Got', 'twice'],
      ]);
      response.end();
    };
    const headers = { Trailer: 'X-Client-Sum', TE: 'trailers', 'Transfer-Encoding': 'chunked' };
    const { request, response } = openExchange(stage.port, 'POST', '/', headers);
    request.addTrailers({ 'X-Client-Sum': 'of the client' });
    await pipeline(inPieces(body), request);
    const message = await response;
    expect(message.headers.trailer).toBe('X-Client-Sum, X-Got');
    expect(await sha256Of(message)).toBe(sha256(body));
    expect(message.rawTrailers).toEqual([
      ...['X-Client-Sum', 'of the client'],
      ...['X-Got', sha256(body), 'X-Got', 'twice'],
    ]);
  });

  it.each([
    ['GET', 200, ['Content-Length', '3000000']],
    ['HEAD', 200, ['Content-Length', '3000000']],
    ['GET', 204, ['X-A', 'b']],
    ['GET', 304, ['ETag', '"x"', 'Content-Length', '3000000']],
  ])('is framed as the backend framed it: %s with %i and %j', async (method, status, headers) => {
    const body = randomBytes(3_000_000);
    stage.backend.handle = (_request, response) => {
      response.writeHead(status, headers);
      response.end(method === 'GET' && status === 200 ? body : undefined);
    };
    const direct = await rawExchange(stage.backend.port, requestBytes(method, '/'));
    const bridged = await rawExchange(stage.port, requestBytes(method, '/'));
    const lines = (list: string[]) => list.filter((line) => !/^(date|connection|keep-alive):/i.test(line));
    expect(bridged.statusLine).toBe(direct.statusLine);
    const own = expect.stringMatching(/^X-Request-ID: [\w-]{21}$/);
    expect(lines(bridged.headerLines)).toEqual([...lines(direct.headerLines), own]);
    expect(bridged.body.equals(direct.body)).toBe(true);
  });
});

/** How a backend was told where the body ends. */
function framing({ headers }: IncomingMessage): string {
  return headers['content-length'] ?? headers['transfer-encoding'] ?? 'none';
}

/** Resolves when a number has stood still for half a second: nobody tells that nothing more comes. */
async function unchanging(read: () => number): Promise<void> {
  let last = -1;
  let since = performance.now();
  while (performance.now() - since < 500) {
    const now = read();
    if (now !== last) since = performance.now();
    last = now;
    await sleep(20);
  }
}
