import { afterEach, describe, expect, it } from 'vitest';
import { type Arrived, isOverTls, replyOf, startTestIngress, type TestIngress } from '../testing/ingress.js';

let test: TestIngress;
afterEach(() => test.stop());

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';
const post = (head: string, body = '') => `POST / HTTP/1.1\r\nHost: h\r\n${head}\r\n\r\n${body}`;
const targets = () => test.arrived.map(({ target }) => target);

/** Lets the test answer the requests itself. */
function hold(): Arrived[] {
  test.answer = () => undefined;
  return test.arrived;
}

async function answerTo(bytes: string): Promise<string> {
  const client = await test.dial();
  client.send(bytes);
  const answer = await client.until(/"code":"\w+"/);
  client.close();
  return answer;
}

describe('what Node’s parser takes is refused all the same', () => {
  it.each([
    ['HTTP/0.9', 'GET /\r\n\r\n', 400],
    ['HTTP/0.9 by name', 'GET / HTTP/0.9\r\nHost: h\r\n\r\n', 400],
    ['HTTP/2.0 in the words of HTTP/1.1', 'GET / HTTP/2.0\r\nHost: h\r\n\r\n', 400],
    ['Transfer-Encoding in HTTP/1.0', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['a second, empty Transfer-Encoding', post('Transfer-Encoding: chunked\r\nTransfer-Encoding:', '0\r\n\r\n'), 400],
    ['identity, then chunked', post('Transfer-Encoding: identity\r\nTransfer-Encoding: chunked', '0\r\n\r\n'), 501],
    ['an empty Transfer-Encoding', post('Transfer-Encoding:'), 400],
    ['* for anything but OPTIONS', 'GET * HTTP/1.1\r\nHost: h\r\n\r\n', 400],
    ['a user in the target', 'GET http://u:p@h/ HTTP/1.1\r\nHost: h\r\n\r\n', 400],
    ['a target without a host', 'GET http:///x HTTP/1.1\r\nHost: h\r\n\r\n', 400],
    ['a target with a port alone', 'GET http://:80/x HTTP/1.1\r\nHost: h\r\n\r\n', 400],
    ...['u@h', 'a b', 'a/b', 'a?b', 'a#b', 'a\\b', '\xe9', 'h:x', 'h:123456', '[::1', 'a, b', '<h>', '"h"'].map(
      (host): [string, string, number] => [`Host: ${host}`, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, 400],
    ),
  ])('%s', async (_what, bytes, status) => {
    test = await startTestIngress();
    expect(await answerTo(bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(test.arrived).toEqual([]);
  });

  it.each(['', 'h', 'h:80', 'h:', '127.0.0.1:1', '[::1]:8080', 'a_b.example', 'x%20y', 'a,b'])(
    'but not Host: %s',
    async (host) => {
      test = await startTestIngress();
      const client = await test.dial();
      client.send(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      await client.until(/ok$/);
      expect(test.arrived[0]?.headers).toEqual(['Host', host]);
      client.close();
    },
  );

  it('and where its end is in doubt, the connection ends with it', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    client.send(`${post('Transfer-Encoding: identity, chunked', '0\r\n\r\n')}${GET}`);
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 501 [\s\S]*Connection: close\r\n/);
    expect(test.arrived).toEqual([]);
  });
});

describe('an expectation that nobody knows', () => {
  it('gets 417, is counted, and its body is not taken for a request', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    client.send(post(`Expect: tea\r\nContent-Length: ${GET.length}`, GET));
    expect(await client.until(/"code":"\w+"/)).toMatch(/^HTTP\/1\.1 417 [\s\S]*"code":"expectation_failed"/);
    client.send('GET /next HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.until(/ok$/);
    expect(targets()).toEqual(['/next']);
    expect(test.endings.map(({ status }) => status)).toEqual([417, 200]);
    client.close();
  });
});

describe('CONNECT', () => {
  // A client can't reset what is over TLS.
  it.skipIf(isOverTls())('does not end the process when its client resets', async () => {
    test = await startTestIngress();
    for (let i = 0; i < 20; i++) {
      const client = await test.dial();
      await client.flush(`CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n${'x'.repeat(i * 1000)}`);
      client.socket.resetAndDestroy();
    }
    await expect.poll(() => test.refusals.length).toBe(20);
    expect(await answerTo('GET / HTTP/0.9\r\n\r\n')).toContain('400');
  });

  it('that is pipelined is refused behind the answers before it', async () => {
    test = await startTestIngress();
    const arrived = hold();
    const client = await test.dial();
    client.send(`${GET}CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n${GET}`);
    await expect.poll(() => test.refusals).toEqual(['not_supported']);
    arrived[0]?.waiter.reply(replyOf());
    expect(await client.rest()).toMatch(
      /^HTTP\/1\.1 200 [\s\S]*\r\n\r\nokHTTP\/1\.1 501 [\s\S]*"code":"not_supported"/,
    );
    expect(arrived).toHaveLength(1);
  });
});

describe('a request behind an offer of HTTP/2 that is ignored', () => {
  const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA';
  it.each([
    ['without a body', `GET / HTTP/1.1\r\nHost: h\r\n${offer}\r\n\r\n`],
    ['with a body', post(`${offer}\r\nContent-Length: 3`, 'abc')],
    ['with a chunked body', post(`${offer}\r\nTransfer-Encoding: chunked`, '3\r\nabc\r\n0\r\n\r\n')],
  ])('%s, which the parser loses, is told so by the end of the connection', async (_what, bytes) => {
    test = await startTestIngress();
    const client = await test.dial();
    client.send(`${bytes}GET /lost HTTP/1.1\r\nHost: h\r\n\r\n`);
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 200 [\s\S]*Connection: close\r\n[\s\S]*ok$/);
    expect(targets()).toEqual(['/']);
  });

  it('is answered where it waited for the answer before', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    for (const bytes of [
      `GET /1 HTTP/1.1\r\nHost: h\r\n${offer}\r\n\r\n`,
      post(`${offer}\r\nContent-Length: 3`, 'abc'),
    ]) {
      client.send(bytes);
      await client.until(/ok$/);
    }
    expect(targets()).toEqual(['/1', '/']);
    client.close();
  });
});

describe('garbage behind a request', () => {
  it('gets 400 behind its answer, once, however much of it comes', async () => {
    test = await startTestIngress();
    const arrived = hold();
    const client = await test.dial();
    client.send(`${GET}\x01\x02\x03\r\n\r\n`);
    await expect.poll(() => test.refusals).toEqual(['bad_request']);
    for (let i = 0; i < 5; i++) await client.flush(`more ${i}\r\n\r\n`);
    arrived[0]?.waiter.reply(replyOf());
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\n\r\nokHTTP\/1\.1 400 [\s\S]*"code":"bad_request"/);
    expect(test.refusals).toEqual(['bad_request']);
    expect(arrived).toHaveLength(1);
  });

  it.each([
    ['a chunk that is none', post('Transfer-Encoding: chunked', 'zz\r\n'), false],
    ['the end of the client’s side', post('Content-Length: 10', 'half'), true],
  ])('in the middle of a body (%s) does not wait for body_timeout', async (_what, bytes, ends) => {
    test = await startTestIngress();
    const arrived = hold();
    const client = await test.dial();
    client.send(`${GET}${bytes}`);
    if (ends) client.socket.end();
    await expect.poll(() => test.refusals).toEqual(['bad_request']);
    arrived[0]?.waiter.reply(replyOf());
    expect(await client.rest()).toMatch(
      /^(HTTP\/1\.1 100 Continue\r\n\r\n)*HTTP\/1\.1 200 [\s\S]*\r\n\r\nokHTTP\/1\.1 400 /,
    );
    expect(arrived).toHaveLength(1);
  });

  it('behind the answer to a request that was refused in its middle is not answered again', async () => {
    test = await startTestIngress({ body_timeout: 0.05 });
    const client = await test.dial();
    client.send(post('Transfer-Encoding: chunked', '5\r\nhe'));
    expect(await client.until(/"code":"\w+"/)).toMatch(/^HTTP\/1\.1 408 /);
    client.send('zz\r\nzz\r\nzz\r\n');
    expect(await client.rest()).not.toContain('HTTP/1.1');
  });

  it('of a client that does not stop to send does not cost it the answer', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    client.send(`GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(2_000_000)}`);
    expect(await client.until(/"code":"\w+"/)).toMatch(/^HTTP\/1\.1 431 /);
    client.close();
  });
});
