import { afterEach, describe, expect, it } from 'vitest';
import { type Arrived, replyOf, startTestIngress, type TestIngress } from '../testing/ingress.js';

let test: TestIngress;
afterEach(() => test.stop());

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';
/** Lets the test answer the requests itself. */
function hold(): Arrived[] {
  test.answer = () => undefined;
  return test.arrived;
}

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
