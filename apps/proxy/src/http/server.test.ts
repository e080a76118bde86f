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
