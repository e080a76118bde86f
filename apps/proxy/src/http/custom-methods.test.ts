import { afterEach, describe, expect, it } from 'vitest';
import { isOverTls, replyOf, startTestIngress, type TestIngress } from '../testing/ingress.js';

let test: TestIngress;
afterEach(() => test.stop());

const OK = /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nok$/;
const methods = () => test.arrived.map(({ method, target }) => `${method} ${target}`);

describe('methods that the parser does not know', () => {
  it('go through as they are, with head and body', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    client.send('X-PURGE /a//b?x=1 HTTP/1.1\r\nHost: h\r\nX-One: 1\r\nContent-Length: 3\r\n\r\nabc');
    expect(await client.until(OK)).toBeTruthy();
    expect(test.arrived[0]).toMatchObject({
      method: 'X-PURGE',
      target: '/a//b?x=1',
      headers: ['Host', 'h', 'X-One', '1', 'Content-Length', '3'],
      body: Buffer.from('abc'),
    });
    client.close();
  });

  it('may follow any request on a connection that stays open, and be followed by any', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    for (const line of ['GET /1', 'FOO /2', 'POST /3', 'BAR /4', 'PURX /5', 'GET /6', 'get /7', 'FOO /8']) {
      client.send(`${line} HTTP/1.1\r\nHost: h\r\n\r\n`);
      await client.until(OK);
    }
    expect(methods()).toEqual(['GET /1', 'FOO /2', 'POST /3', 'BAR /4', 'PURX /5', 'GET /6', 'get /7', 'FOO /8']);
    client.close();
  });

  it('may follow a request that offered h2c, and so may a mistake', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n';
    for (const line of ['FOO /1', 'BAR /2', 'GET /3']) {
      client.send(`${line} HTTP/1.1\r\nHost: h\r\n${offer}\r\n`);
      await client.until(OK);
    }
    client.send('FOO /4 HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.until(OK);
    client.send(`POST /5 HTTP/1.1\r\nHost: h\r\n${offer}Content-Length: 2\r\n\r\nab`);
    await client.until(OK);
    expect(methods()).toEqual(['FOO /1', 'BAR /2', 'GET /3', 'FOO /4', 'POST /5']);
    client.send('\x00\r\n\r\n');
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('may take longer than an idle connection may be idle', async () => {
    test = await startTestIngress({}, { keepAliveTimeout: 50 });
    const client = await test.dial();
    client.send('GET /1 HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.until(OK);
    test.answer = ({ waiter }) => setTimeout(() => waiter.reply(replyOf()), 1300);
    client.send('FOO /2 HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.until(OK);
    client.close();
  });

  // Over TLS the server is there before the client, and reads the first byte by itself.
  it.skipIf(isOverTls())('may come byte by byte on a fresh connection when the first byte already tells', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    for (const byte of 'FOO /slow HTTP/1.1\r\nHost: h\r\n\r\n') await client.flush(byte);
    await client.until(OK);
    expect(methods()).toEqual(['FOO /slow']);
    client.close();
  });

  it('are refused where their first bytes were already taken for a known method', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    await client.flush('PU');
    // What comes back on a later connection shows that the first bytes were read.
    const other = await test.dial();
    other.send('GET /other HTTP/1.1\r\nHost: h\r\n\r\n');
    await other.until(OK);
    other.close();
    client.send('RX / HTTP/1.1\r\nHost: h\r\n\r\n');
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 501 [\s\S]*"code":"not_supported"/);
    expect(methods()).toEqual(['GET /other']);
  });

  it('are refused after the answers before them when they are pipelined', async () => {
    test = await startTestIngress();
    let release: () => void = () => undefined;
    test.answer = (request) => {
      release = () => request.waiter.reply(replyOf());
    };
    const client = await test.dial();
    client.send('POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcFOO /2 HTTP/1.1\r\nHost: h\r\n\r\n');
    await expect.poll(() => test.refusals).toEqual(['not_supported']);
    release();
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nokHTTP\/1\.1 501 /);
    expect(methods()).toEqual(['POST /1']);
    expect(test.arrived[0]?.body).toEqual(Buffer.from('abc'));
  });

  it.each(['GET', 'FOO'])(
    'are refused when the first byte came behind the request before: P, then %s',
    async (rest) => {
      test = await startTestIngress();
      const client = await test.dial();
      client.send('GET /1 HTTP/1.1\r\nHost: h\r\n\r\nP');
      await client.until(OK);
      client.send(`${rest} /2 HTTP/1.1\r\nHost: h\r\n\r\n`);
      expect(await client.rest()).toMatch(/^HTTP\/1\.1 501 /);
      expect(methods()).toEqual(['GET /1']);
    },
  );

  it('take no byte of a body for a part of the method', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    client.send('POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabcFOO');
    await client.until(OK);
    client.send('FOO /2 HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.until(OK);
    expect(methods()).toEqual(['POST /1', 'FOO /2']);
    client.close();
  });

  it('keep their framing: conflicting lengths are refused as for any method', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    client.send('FOO / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n');
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 400 /);
    expect(test.arrived).toEqual([]);
  });

  it.each([
    ['no token', 'F(O / HTTP/1.1\r\n\r\n'],
    ['too long', `${'F'.repeat(65)} / HTTP/1.1\r\n\r\n`],
    ['a line without a space', 'FOO\r\n\r\n'],
    ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00'],
  ])('are refused when it is %s', async (_what, bytes) => {
    test = await startTestIngress();
    const client = await test.dial();
    client.send(bytes);
    expect(await client.rest()).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"bad_request"/);
    expect(test.arrived).toEqual([]);
  });

  it('work with Expect: 100-continue and chunked bodies', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    client.send('FOO / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n');
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    client.send('3\r\nabc\r\n0\r\n\r\n');
    await client.until(OK);
    expect(test.arrived[0]).toMatchObject({ method: 'FOO', body: Buffer.from('abc') });
    client.close();
  });
});
