import { afterEach, describe, expect, it } from 'vitest';
import { type Arrived, replyOf, startTestIngress, type TestIngress } from '../testing/ingress.js';

let test: TestIngress;
afterEach(() => test.stop());

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';
const OK = /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nok$/;
/** Lets the test answer the requests itself. */
function hold(): Arrived[] {
  test.answer = () => undefined;
  return test.arrived;
}

describe('a request', () => {
  it('arrives as it was sent: raw target, repeated headers in order, latin1 bytes', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    client.send(
      'GET /a//b/../c%2F%20?x=1&x=2&&y HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-b: \xe9\xff\r\nX-A: 2\r\nConnection: X-Hop, keep-alive\r\nX-Hop: gone\r\nX-Kafka-Key: k\r\n\r\n',
    );
    await client.until(OK);
    expect(test.arrived[0]).toMatchObject({
      target: '/a//b/../c%2F%20?x=1&x=2&&y',
      headers: ['Host', 'h', 'X-A', '1', 'x-b', '\xe9\xff', 'X-A', '2'],
      body: null,
      client: '127.0.0.1',
    });
    expect(test.arrived[0]?.to.key).toEqual(Buffer.from('k'));
    client.close();
  });

  it('that comes while the service starts waits until Kafka can be used', async () => {
    let connect = () => {};
    const connected = new Promise<void>((resolve) => {
      connect = resolve;
    });
    test = await startTestIngress({}, {}, connected);
    const clients = await Promise.all([test.dial(), test.dial()]);
    for (const client of clients) client.send('PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody');
    // Answered without Kafka, behind them: they were there.
    const other = await test.dial();
    other.send('CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n');
    await other.until(/ 501 /);
    expect(test.arrived).toEqual([]);
    connect();
    for (const client of clients) await client.until(OK);
    expect(test.arrived.map(({ body }) => body?.toString())).toEqual(['body', 'body']);
    for (const client of clients) client.close();
  });

  it('keeps 1,000 header lines', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    const lines = Array.from({ length: 1000 }, (_, i) => `X-${i}: ${i}\r\n`).join('');
    client.send(`GET / HTTP/1.1\r\nHost: h\r\n${lines}\r\n`);
    await client.until(OK);
    expect(test.arrived[0]?.headers).toHaveLength(2002);
    client.close();
  });

  it('in absolute form is reduced to origin form, and its authority becomes the Host', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    client.send('GET http://other:81/x?y HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n');
    await client.until(OK);
    client.send('OPTIONS http://other HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.until(OK);
    client.send('OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.until(OK);
    expect(test.arrived.map(({ target }) => target)).toEqual(['/x?y', '*', '*']);
    expect(test.arrived[0]?.headers).toEqual(['Host', 'other:81', 'A', 'b']);
    client.close();
  });

  it('tells no body from an empty one', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    client.send('POST / HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.until(OK);
    client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n');
    await client.until(OK);
    expect(test.arrived.map(({ body }) => body)).toEqual([null, Buffer.alloc(0)]);
    client.close();
  });

  it('with Expect is told to go on only when it is accepted', async () => {
    test = await startTestIngress({ max_body_size: 5 });
    const client = await test.dial();
    client.send('POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    client.send('hello');
    await client.until(OK);
    client.send('POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n');
    expect(await client.until(/"code"/)).toMatch(/^HTTP\/1\.1 413 [\s\S]*"code":"body_too_large"/);
    client.close();
  });

  it('frees its place when its client goes away', async () => {
    test = await startTestIngress({ max_pending: 1 });
    const arrived = hold();
    const gone = await test.dial();
    gone.send(GET);
    await expect.poll(() => arrived.length).toBe(1);
    const refused = await test.dial();
    refused.send(GET);
    expect(await refused.until(/"code"/)).toMatch(
      /^HTTP\/1\.1 503 [\s\S]*Retry-After: 1\r\n[\s\S]*"code":"overloaded"/,
    );
    refused.close();
    gone.close();
    await expect.poll(() => arrived[0]?.abandoned).toBe(true);
    test.answer = (request) => request.waiter.reply(replyOf());
    const next = await test.dial();
    next.send(GET);
    await next.until(OK);
    next.close();
  });
});

it('pipelined requests free their places when their client goes away', async () => {
  test = await startTestIngress({ max_pending: 2 });
  const arrived = hold();
  const gone = await test.dial();
  gone.send(`${GET}${GET}`);
  await expect.poll(() => arrived.length).toBe(2);
  gone.close();
  await expect.poll(() => arrived.map(({ abandoned }) => abandoned)).toEqual([true, true]);
  arrived[1]?.waiter.reply(replyOf());
  const next = await test.dial();
  next.send(`${GET}${GET}`);
  await expect.poll(() => arrived.length).toBe(4);
  next.close();
});

describe('a client that ends its side of the connection', () => {
  it.each(['GET', 'FOO'])('behind %s still gets its answer', async (method) => {
    test = await startTestIngress();
    const client = await test.dial();
    client.socket.end(`${method} / HTTP/1.1\r\nHost: h\r\n\r\n`);
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*ok$/);
  });

  it('and pipelined gets all answers, in their order', async () => {
    test = await startTestIngress();
    const arrived = hold();
    const client = await test.dial();
    client.socket.end(`${GET}${GET}`);
    await expect.poll(() => arrived.length).toBe(2);
    arrived[1]?.waiter.reply(replyOf({ body: Buffer.from('two') }));
    arrived[0]?.waiter.reply(replyOf({ body: Buffer.from('one') }));
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*one[\s\S]*two$/);
  });

  it('and waits is probed by what every client skips', async () => {
    test = await startTestIngress();
    test.answer = ({ waiter }) => setTimeout(() => waiter.reply(replyOf()), 400);
    const client = await test.dial();
    client.socket.end(GET);
    expect(await client.rest()).toMatch(/^(HTTP\/1\.1 100 Continue\r\n\r\n){2}HTTP\/1\.1 200 OK\r\n[\s\S]*ok$/);
    expect(test.arrived[0]?.abandoned).toBe(false);
  });

  it('in HTTP/1.0 and does not get an answer soon is gone', async () => {
    test = await startTestIngress();
    const arrived = hold();
    const client = await test.dial();
    client.socket.end('GET / HTTP/1.0\r\n\r\n');
    expect(await client.rest()).toBe('');
    await expect.poll(() => arrived[0]?.abandoned).toBe(true);
  });

  it('in the middle of its request gets 400', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    client.socket.end('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf');
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 400 /);
    expect(test.arrived).toEqual([]);
  });
});

describe('what is refused', () => {
  it.each([
    [
      'a body over the limit by its length',
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n',
      413,
      'body_too_large',
    ],
    [
      'a chunked body over the limit',
      'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n',
      413,
      'body_too_large',
    ],
    [
      'a head over the limit',
      `GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    [
      'a protocol upgrade',
      'GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      501,
      'not_supported',
    ],
    [
      'a transfer coding besides chunked',
      'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
      501,
      'not_supported',
    ],
    ['CONNECT', 'CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n', 501, 'not_supported'],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400, 'bad_request'],
    ['two Hosts', 'GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n', 400, 'bad_request'],
    ['an illegal topic', 'GET / HTTP/1.1\r\nHost: h\r\nX-Kafka-Topic: a/b\r\n\r\n', 400, 'bad_request'],
    ['two topics', 'GET / HTTP/1.1\r\nHost: h\r\nX-Kafka-Topic: a\r\nx-kafka-topic: b\r\n\r\n', 400, 'bad_request'],
    ['a timeout that is no number', 'GET / HTTP/1.1\r\nHost: h\r\nX-Kafka-Timeout: soon\r\n\r\n', 400, 'bad_request'],
    [
      'an internal topic',
      'GET / HTTP/1.1\r\nHost: h\r\nX-Kafka-Topic: __consumer_offsets\r\n\r\n',
      403,
      'topic_not_allowed',
    ],
    [
      'a response topic',
      'GET / HTTP/1.1\r\nHost: h\r\nX-Kafka-Topic: common-responses\r\n\r\n',
      403,
      'topic_not_allowed',
    ],
    [
      'both lengths',
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n',
      400,
      'bad_request',
    ],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd',
      400,
      'bad_request',
    ],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n', 400, 'bad_request'],
    [
      'a chunk size that is none',
      'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
      'bad_request',
    ],
    ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n', 400, 'bad_request'],
  ])('%s: %#', async (_what, bytes, status, code) => {
    test = await startTestIngress({ max_body_size: 10 });
    const client = await test.dial();
    client.send(bytes);
    const answer = await client.until(/"code":"\w+"/);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain(`"code":"${code}"`);
    expect(test.arrived).toEqual([]);
    client.close();
  });

  it('is no offer of HTTP/2: that is ignored, as RFC 9110 allows', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    client.send(
      'GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n',
    );
    await client.until(OK);
    expect(test.arrived[0]?.headers).toEqual(['Host', 'h']);
    client.close();
  });
});

describe('responses', () => {
  it('go out as the backend made them: status, reason, order, repeats, bytes', async () => {
    test = await startTestIngress();
    const body = Buffer.from([0, 255, 13, 10]);
    test.answer = (request) =>
      request.waiter.reply(
        replyOf({
          status: 299,
          reason: 'Fine \xe9',
          headers: ['Set-Cookie', 'a=1', 'content-length', '4', 'Set-Cookie', 'b=2', 'X-\xe9'.slice(0, 2), '\xff'],
          body,
        }),
      );
    const client = await test.dial();
    client.send(GET);
    const answer = await client.until(/\r\n\r\n\0/);
    expect(answer).toMatch(
      /^HTTP\/1\.1 299 Fine \xe9\r\nSet-Cookie: a=1\r\ncontent-length: 4\r\nSet-Cookie: b=2\r\nX-: \xff\r\n/,
    );
    expect(answer.match(/\r\nDate:/gi)).toHaveLength(1);
    expect(answer.endsWith('\r\n\r\n\0\xff\r\n')).toBe(true);
    client.close();
  });

  it.each([
    ['HEAD', 200, ['Content-Length', '12']],
    ['GET', 304, ['Content-Length', '12', 'ETag', '"x"']],
    ['GET', 204, []],
  ])('%s with %i have no body, and the next request is answered rightly', async (method, status, headers) => {
    test = await startTestIngress();
    test.answer = (request) =>
      request.waiter.reply(
        request.target === '/' ? replyOf({ status, headers, body: Buffer.from('not to send!') }) : replyOf(),
      );
    const client = await test.dial();
    client.send(`${method} / HTTP/1.1\r\nHost: h\r\n\r\n`);
    const head = await client.until(/\r\n\r\n$/);
    expect(head).toContain(` ${status} `);
    expect(/content-length: (\d+)/i.exec(head)?.[1]).toBe(headers[1]);
    client.send('GET /next HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.until(OK);
    client.close();
  });

  it('with 204 have no Content-Length, whatever the backend said', async () => {
    test = await startTestIngress();
    test.answer = (request) => {
      const reply = replyOf({ status: 204, headers: ['Content-Length', '0', 'X', 'y'], body: null });
      if (request.target === '/') request.waiter.reply(reply);
      else request.waiter.stream(reply, { consumed() {}, cancel() {}, release() {} }).end(null);
    };
    const client = await test.dial();
    for (const target of ['/', '/stream']) {
      client.send(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);
      const head = await client.until(/\r\n\r\n$/);
      expect(head).toMatch(/^HTTP\/1.1 204 [\s\S]*X: y/);
      expect(head).not.toMatch(/content-length|transfer-encoding/i);
    }
    client.close();
  });

  it.each([
    ['a wrong length', ['Content-Length', '1', 'Transfer-Encoding', 'chunked']],
    ['two lengths', ['Content-Length', '2', 'content-length', '7']],
  ])('with %s are sent with the right one', async (_what, headers) => {
    test = await startTestIngress();
    test.answer = (request) => request.waiter.reply(replyOf({ headers }));
    const client = await test.dial();
    client.send(GET);
    const answer = await client.until(OK);
    expect(answer.match(/content-length: \d+/gi)).toEqual(['Content-Length: 2']);
    expect(answer).not.toMatch(/transfer-encoding/i);
    client.close();
  });

  it('to pipelined requests come in their order', async () => {
    test = await startTestIngress();
    const arrived = hold();
    const client = await test.dial();
    client.send('GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n');
    await expect.poll(() => arrived.length).toBe(2);
    arrived[1]?.waiter.reply(replyOf({ body: Buffer.from('two') }));
    arrived[0]?.waiter.reply(replyOf({ body: Buffer.from('one') }));
    expect(await client.until(/two$/)).toMatch(/one[\s\S]*two$/);
    client.close();
  });

  it('end the connection while the service closes, and an idle connection is ended then', async () => {
    test = await startTestIngress();
    const arrived = hold();
    const busy = await test.dial();
    const idle = await test.dial();
    idle.send(GET);
    await expect.poll(() => arrived.length).toBe(1);
    arrived[0]?.waiter.reply(replyOf());
    await idle.until(OK);
    busy.send(GET);
    await expect.poll(() => arrived.length).toBe(2);
    test.closing = true;
    test.ingress.stopAccepting();
    const drained = test.ingress.drained(10);
    expect(await idle.rest()).toBe('');
    arrived[1]?.waiter.reply(replyOf());
    expect(await busy.rest()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close\r\n[\s\S]*ok$/);
    await drained;
  });

  it('are not given to a connection on which nothing was asked: it just ends', async () => {
    test = await startTestIngress({}, { headersTimeout: 50, connectionsCheckingInterval: 20 });
    const unused = await test.dial();
    expect(await unused.rest()).toBe('');
    const slow = await test.dial();
    slow.send('GET / HT');
    expect(await slow.rest()).toMatch(/^HTTP\/1\.1 408 [\s\S]*did not arrive in time/);
    expect(test.refusals).toEqual(['request_timeout']);
  });
});
