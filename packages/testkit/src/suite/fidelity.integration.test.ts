import { createHash, randomBytes } from 'node:crypto';
import { METHODS } from 'node:http';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { RawClient } from '../http/raw-client.js';
import { rawExchange, requestBytes } from '../http/raw-http.js';
import { echo, startBackend, startRawBackend } from '../http/scripted-backend.js';
import { useBridge } from '../services/use-bridge.js';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
/** Fields that belong to one hop, or that the bridge adds for the backend. */
const HOP =
  /^(connection|keep-alive|host|x-forwarded-\w+|x-request-id|x-original-method|x-kafka-time-left|via|content-length):/i;
/** The one line that the proxy adds of its own, behind those of the backend. */
const OWN = expect.stringMatching(/^X-Request-ID: [\w-]{21}$/);
const endToEnd = (lines: readonly string[]) => lines.filter((line) => !HOP.test(line));

describe('through the bridge as direct', () => {
  const stage = useBridge({ backend: startBackend });
  beforeEach(() => {
    stage.backend.answer = echo;
    stage.backend.received.length = 0;
  });

  it('900,000 random bytes go both ways', async () => {
    const body = randomBytes(900_000);
    const { statusLine, body: answer } = await rawExchange(stage.port, requestBytes('POST', '/', [], body));
    expect(statusLine).toBe('HTTP/1.1 200 OK');
    expect(sha256(stage.backend.received[0]?.body as Buffer)).toBe(sha256(body));
    expect(sha256(answer)).toBe(sha256(body));
  });

  it('the request-target is never touched', async () => {
    for (const target of ['/a//b/../c%2F%20?x=1&x=2&&y', '/', '/?', '/%', '/a;b=c/..;/{}|"', '//x/y']) {
      await rawExchange(stage.port, requestBytes('GET', target));
      expect(stage.backend.received.at(-1)?.target).toBe(target);
    }
  });

  it('300 header lines arrive in order, repeats and bytes and case as they were', async () => {
    const lines = Array.from({ length: 300 }, (_, i) => `${i % 2 ? 'X-RepeaT' : `x-${i}`}: v${i} \xe9\xff`);
    await rawExchange(stage.port, requestBytes('GET', '/', lines));
    const raw = stage.backend.received[0]?.rawHeaders ?? [];
    const seen = raw.flatMap((name, i) => (i % 2 ? [] : [`${name}: ${raw[i + 1]}`]));
    expect(endToEnd(seen)).toEqual(lines);
  });

  it('response headers too, four Set-Cookie lines among them', async () => {
    stage.backend.answer = (_request, response) => {
      response.sendDate = false;
      response.writeHead(200, 'Very \xe9', [
        ...['Set-Cookie', 'a=1; Path=/', 'X-One', '1', 'Set-Cookie', 'b=2', 'set-cookie', 'c=3', 'Set-Cookie', 'd=4'],
        ...['X-Bytes', '\xe9\xff', 'Content-Disposition', 'attachment; filename="\xe9"', 'Content-Length', '2'],
      ]);
      response.end('ok');
    };
    const direct = await rawExchange(stage.backend.port, requestBytes('GET', '/'));
    const bridged = await rawExchange(stage.port, requestBytes('GET', '/'));
    expect(bridged.statusLine).toBe(direct.statusLine);
    // RFC 9110 §6.6.1: the Date that is missing is added.
    const undated = bridged.headerLines.filter((line) => !/^date:/i.test(line));
    expect(endToEnd(undated)).toEqual(endToEnd(direct.headerLines));
    expect(bridged.headerLines.filter((line) => /^set-cookie/i.test(line))).toHaveLength(4);
  });

  it.each([
    ['HEAD', 200, ['Content-Length', '12345']],
    ['GET', 204, ['X-A', 'b']],
    ['GET', 304, ['ETag', '"x"', 'Content-Length', '99']],
    ['GET', 206, ['Content-Range', 'bytes 0-3/10', 'Content-Length', '4']],
    ['GET', 404, ['Content-Length', '4']],
    ['GET', 500, ['Content-Length', '4']],
    ['GET', 299, ['Content-Length', '4']],
  ])('%s with %i', async (method, status, headers) => {
    stage.backend.answer = (_request, response) => {
      response.writeHead(status, headers);
      response.end(status === 204 || status === 304 || method === 'HEAD' ? undefined : 'body');
    };
    const direct = await rawExchange(stage.backend.port, requestBytes(method, '/'));
    const bridged = await rawExchange(stage.port, requestBytes(method, '/'));
    expect(bridged.statusLine).toBe(direct.statusLine);
    const lines = (list: string[]) => list.filter((line) => !/^(date|connection|keep-alive):/i.test(line));
    expect(lines(bridged.headerLines)).toEqual([...lines(direct.headerLines), OWN]);
    expect(bridged.body).toEqual(direct.body);
  });

  it('gzip stays gzip', async () => {
    const zipped = gzipSync('x'.repeat(1000));
    stage.backend.answer = (_request, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': zipped.length });
      response.end(zipped);
    };
    const { headerLines, body } = await rawExchange(stage.port, requestBytes('GET', '/', ['Accept-Encoding: gzip']));
    expect(headerLines).toContain('Content-Encoding: gzip');
    expect(body).toEqual(zipped);
  });

  it('a chunked request and a chunked reply keep their bytes', async () => {
    stage.backend.answer = (request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/plain' });
      for (const byte of request.body) response.write(Buffer.from([byte]));
      response.end();
    };
    const head = 'POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n';
    const { body } = await rawExchange(stage.port, `${head}3\r\nab\0\r\n1\r\n\xff\r\n0\r\n\r\n`);
    expect(stage.backend.received[0]?.body).toEqual(Buffer.from([97, 98, 0, 255]));
    expect(body).toEqual(Buffer.from([97, 98, 0, 255]));
  });

  it('Expect: 100-continue is answered here, and does not reach the backend', async () => {
    const client = await RawClient.dial(stage.port);
    client.send('PUT /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 3\r\n\r\n');
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    client.send('abc');
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*abc$/);
    expect(stage.backend.received[0]?.rawHeaders.map((name) => name.toLowerCase())).not.toContain('expect');
  });

  it('a body with GET, an empty POST and OPTIONS * arrive', async () => {
    await rawExchange(stage.port, requestBytes('GET', '/', [], 'payload'));
    await rawExchange(stage.port, requestBytes('POST', '/', ['Content-Length: 0']));
    await rawExchange(stage.port, requestBytes('OPTIONS', '*'));
    expect(stage.backend.received.map(({ method, target, body }) => [method, target, body.toString()])).toEqual([
      ['GET', '/', 'payload'],
      ['POST', '/', ''],
      ['OPTIONS', '*', ''],
    ]);
  });

  it('the backend is told of the client, and not of X-Kafka-*', async () => {
    await rawExchange(
      stage.port,
      requestBytes('GET', '/', ['X-Forwarded-For: 1.2.3.4', 'X-Kafka-Timeout: 5', 'X-Request-ID: mine']),
    );
    const raw = stage.backend.received[0]?.rawHeaders ?? [];
    const value = (name: string) => raw[raw.findIndex((entry, i) => i % 2 === 0 && entry.toLowerCase() === name) + 1];
    expect(value('x-forwarded-for')).toBe('1.2.3.4, 127.0.0.1');
    expect(value('x-forwarded-host')).toBe('test');
    expect(value('x-forwarded-proto')).toBe('http');
    expect(value('x-request-id')).toBe('mine');
    expect(value('x-original-method')).toBe('GET');
    expect(value('host')).toBe(`127.0.0.1:${stage.backend.port}`);
    expect(value('via')).toMatch(/^1\.1 kafka-proxy-[\w-]+$/);
    // Of that family, only what the processor says itself.
    expect(raw.filter((entry) => /^x-kafka-/i.test(entry))).toEqual(['X-Kafka-Time-Left']);
    expect(Number(value('x-kafka-time-left'))).toBeLessThan(5);
  });
});

describe('each method', () => {
  // Node's own server does not know every method, so the backend speaks bytes.
  const sayMethod = () =>
    startRawBackend((socket, request) => {
      const method = request.slice(0, request.indexOf(' '));
      const body = method === 'HEAD' ? '' : method;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${method.length}\r\n\r\n${body}`);
    });
  const stage = useBridge({ backend: sayMethod });

  it.each([...METHODS.filter((method) => method !== 'CONNECT'), 'QUERY', 'FOO', 'X-PURGE', 'get'])(
    '%s',
    async (method) => {
      const { statusLine, body } = await rawExchange(stage.port, requestBytes(method, '/m', ['X-A: b']));
      expect(statusLine).toBe('HTTP/1.1 200 OK');
      expect(body.toString()).toBe(method === 'HEAD' ? '' : method);
      expect(stage.backend.received.at(-1)).toMatch(new RegExp(`^${method} /m HTTP/1\\.1\r\n`));
    },
  );
});
