import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { rawExchange, requestBytes } from '../http/raw-http.js';
import { endOf, openExchange, pour, within } from '../http/stream-client.js';
import { echoStream, startStreamingBackend } from '../http/streaming-backend.js';
import { useBridge } from '../services/use-bridge.js';

const IDLE_MS = 3000;
/** What the other side may take to learn of an end that was told. */
const TOLD_MS = 2000;

const stage = useBridge({ backend: startStreamingBackend, both: { STREAM_IDLE_TIMEOUT: String(IDLE_MS / 1000) } });
beforeEach(() => {
  stage.backend.handle = echoStream;
});

describe('a client that goes away', () => {
  it.each([
    ['between two events', {}, () => undefined],
    ['while the backend writes', {}, pour],
    ['while the backend writes what it announced', { 'Content-Length': 500_000_000 }, pour],
  ])('%s ends the call of the backend', async (_when, headers, then) => {
    const called = stage.backend.next();
    const { request, response } = openExchange(stage.port, 'GET', '/');
    request.end();
    const call = await called;
    call.response.writeHead(200, headers);
    call.response.write('first');
    await once(await response, 'data');
    then(call.response);
    request.destroy();
    expect(await within(TOLD_MS, call.over)).toBe(false);
  });

  it.each([
    ['a request without a body', 'GET', 0],
    ['a whole body', 'POST', 1000],
  ])('before there is a reply, too: %s', async (_what, method, bytes) => {
    const called = stage.backend.next();
    const { request } = openExchange(stage.port, method, '/');
    request.end(bytes > 0 ? randomBytes(bytes) : undefined);
    const call = await called;
    call.request.resume();
    if (!call.request.complete) await once(call.request, 'end');
    request.destroy();
    expect(await within(TOLD_MS, call.over)).toBe(false);
  });

  it.each([
    ['of a known length', { 'Content-Length': 50_000_000 }],
    ['chunked', {}],
  ])('in the middle of its own body: what the backend has is no whole body: %s', async (_what, headers) => {
    const called = stage.backend.next();
    const { request } = openExchange(stage.port, 'POST', '/', headers);
    request.write(randomBytes(5_000_000));
    const call = await called;
    let received = 0;
    let ended = false;
    call.request.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received === 5_000_000) request.destroy();
    });
    call.request.on('end', () => {
      ended = true;
    });
    expect(await within(TOLD_MS, call.over)).toBe(false);
    expect(received).toBe(5_000_000);
    expect(ended).toBe(false);
    expect(call.request.complete).toBe(false);
  });

  it('or that reads nothing for stream_idle_timeout, is cut and ends the call of the backend', async () => {
    const called = stage.backend.next();
    const socket = connect(stage.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    const call = await called;
    call.response.writeHead(200);
    pour(call.response);
    expect(await within(IDLE_MS * 2 + TOLD_MS, call.over)).toBe(false);
    socket.destroy();
  });
});

describe('a backend that breaks off after bytes were sent', () => {
  it.each([
    ['chunked', {}],
    ['of a known length', { 'Content-Length': 10_000_000 }],
  ])('has its client’s connection cut, not ended: %s', async (_what, headers) => {
    for (const bytes of [5, 2_000_000]) {
      const called = stage.backend.next();
      const { request, response } = openExchange(stage.port, 'GET', '/');
      request.end();
      const call = await called;
      call.response.writeHead(200, headers);
      call.response.write(Buffer.alloc(bytes));
      const message = await response;
      expect(message.statusCode).toBe(200);
      let received = 0;
      const end = endOf(message);
      message.on('data', (chunk: Buffer) => {
        received += chunk.length;
        if (received === bytes) call.response.destroy();
      });
      expect(await within(TOLD_MS, end)).toBe('cut');
      expect(received).toBe(bytes);
    }
  });
});

describe('a backend that answers before it has read the body', () => {
  it.each([
    ['413 and stays', 413, {}],
    ['413 and closes', 413, { Connection: 'close' }],
    ['401 and closes', 401, { Connection: 'close', 'WWW-Authenticate': 'Basic' }],
  ])('%s: its client gets that, and the upload stops', async (_what, status, headers) => {
    stage.backend.handle = (_request, response) => {
      response.writeHead(status, headers);
      response.end('enough');
    };
    const upload = { 'Content-Length': 1_000_000_000, 'Content-Type': 'application/octet-stream' };
    const { request, response } = openExchange(stage.port, 'PUT', '/', upload);
    pour(request);
    const message = await within(5000, response);
    expect(message.statusCode).toBe(status);
    expect(message.headers['www-authenticate']).toBe(status === 401 ? 'Basic' : undefined);
    let text = '';
    for await (const chunk of message) text += String(chunk);
    expect(text).toBe('enough');
    expect(request.socket?.bytesWritten).toBeLessThan(200_000_000);
    request.destroy();
    stage.backend.handle = echoStream;
    const { statusLine } = await rawExchange(stage.port, requestBytes('POST', '/', [], 'next'));
    expect(statusLine).toBe('HTTP/1.1 200 OK');
  });

  it('a body beyond max_body_size stops where it is found to be: 413, and the backend has no whole body', async () => {
    const proxy = await stage.bridge.startProxy({ MAX_BODY_SIZE: '2000000' });
    const called = stage.backend.next();
    const { request, response } = openExchange(proxy.port as number, 'POST', '/');
    request.write(randomBytes(1_500_000));
    const call = await within(5000, called);
    request.end(randomBytes(1_500_000));
    call.request.resume();
    const message = await within(5000, response);
    expect(message.statusCode).toBe(413);
    const [problem] = await Readable.from(message).toArray();
    expect(JSON.parse(String(problem))).toMatchObject({ code: 'body_too_large' });
    expect(await within(TOLD_MS, call.over)).toBe(false);
    expect(call.request.complete).toBe(false);
    request.destroy();
  });
});
