import { afterEach, describe, expect, it } from 'vitest';
import { startTestIngress, type TestIngress } from '../testing/ingress.js';

let test: TestIngress;
afterEach(() => test.stop());

const OK = /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nok$/;

async function send(text: string, until: RegExp = OK): Promise<string> {
  const client = await test.dial();
  client.send(text);
  const answer = await client.until(until);
  client.close();
  return answer;
}

describe('Via', () => {
  it('is added behind those that came, with the version of HTTP that the request came in', async () => {
    test = await startTestIngress({ via: 'edge' });
    await send('GET / HTTP/1.1\r\nHost: h\r\nVia: 1.0 fred, 1.1 b\r\n\r\n');
    await send('GET / HTTP/1.0\r\nHost: h\r\n\r\n');
    const mark = /^kafka-proxy-edge-[0-9a-f]{8}$/;
    const [first = [], second = []] = test.arrived.map(({ headers }) => headers);
    expect(first.slice(0, 5)).toEqual(['Host', 'h', 'Via', '1.0 fred, 1.1 b', 'Via']);
    expect(first[5]?.split(' ')).toEqual(['1.1', expect.stringMatching(mark)]);
    expect(second.at(-1)?.split(' ')).toEqual(['1.0', expect.stringMatching(mark)]);
  });

  it('is left out where the head has all the lines that a record may have', async () => {
    test = await startTestIngress({ via: 'edge' });
    await send(`GET / HTTP/1.1\r\nHost: h\r\n${'X:y\r\n'.repeat(1000)}\r\n`);
    expect(test.arrived[0]?.headers.slice(-2)).toEqual(['X', 'y']);
  });

  it('of ours on a request to the same topic is 508, and the request goes nowhere', async () => {
    test = await startTestIngress({ via: 'edge' });
    await send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    const via = test.arrived[0]?.headers.at(-1);
    const answer = await send(`GET / HTTP/1.1\r\nHost: h\r\nvia: 1.1 a, ${via}, 1.1 b\r\n\r\n`, /\}$/);
    expect(answer).toMatch(/^HTTP\/1\.1 508 Loop Detected\r\n[\s\S]*"code":"loop_detected"/);
    expect(test.arrived).toHaveLength(1);
    expect(test.endings.at(-1)).toMatchObject({ status: 508, error: { code: 'loop_detected' } });
    await send(`GET / HTTP/1.1\r\nHost: h\r\nX-Kafka-Topic: other\r\nVia: ${via}\r\n\r\n`);
    expect(test.arrived).toHaveLength(2);
  });
});

describe('Max-Forwards', () => {
  it('counts down for OPTIONS and TRACE, and is left alone elsewhere', async () => {
    test = await startTestIngress();
    for (const method of ['OPTIONS', 'TRACE', 'GET']) {
      await send(`${method} / HTTP/1.1\r\nHost: h\r\nMax-Forwards: 2\r\n\r\n`);
    }
    await send('OPTIONS / HTTP/1.1\r\nHost: h\r\nMax-Forwards: soon\r\n\r\n');
    await send('GET / HTTP/1.1\r\nHost: h\r\nMax-Forwards: 0\r\n\r\n');
    expect(test.arrived.map(({ headers }) => headers.at(-1))).toEqual(['1', '1', '2', 'soon', '0']);
  });

  it('of 0 makes the proxy answer: TRACE with the request, without what is secret', async () => {
    test = await startTestIngress();
    const head = 'X-A: 1\r\nHost: h\r\nMax-Forwards: 0\r\n';
    const answer = await send(
      `TRACE /x?y HTTP/1.1\r\n${head}Cookie: c\r\nAuthorization: a\r\n\r\n`,
      /\r\n\r\n[\s\S]+\r\n\r\n$/,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Type: message\/http\r\n/);
    expect(answer.endsWith(`\r\n\r\nTRACE /x?y HTTP/1.1\r\n${head}\r\n`)).toBe(true);
    expect(test.arrived).toEqual([]);
  });

  it('of 0 makes the proxy answer: OPTIONS with nothing, its body unread', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    client.send('OPTIONS * HTTP/1.1\r\nHost: h\r\nMax-Forwards: 0\r\nContent-Length: 4\r\n\r\nbody');
    expect(await client.until(/\r\n\r\n$/)).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Length: 0\r\n/);
    expect(test.arrived).toEqual([]);
    expect(test.endings.at(-1)).toMatchObject({ method: 'OPTIONS', topic: 'common-requests', status: 200 });
    client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await client.until(OK);
    client.close();
  });
});
