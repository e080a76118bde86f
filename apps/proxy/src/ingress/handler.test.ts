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
