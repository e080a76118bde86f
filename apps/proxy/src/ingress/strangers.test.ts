import { afterEach, describe, expect, it } from 'vitest';
import { type Arrived, replyOf, startTestIngress, type TestIngress } from '../testing/ingress.js';

/* What a client can have the proxy hold, and how it loses it. */

let test: TestIngress;
afterEach(() => test.stop());

const KIB = 1024;
const arrived = (count: number) => expect.poll(() => test.arrived.length).toBe(count);
const get = (more = '') => `GET / HTTP/1.1\r\nHost: h\r\n${more}\r\n`;
const put = (length: number) => `PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\n\r\n`;

describe('a head', () => {
  it('of more than 1,000 lines is 431, and the connection is over', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    client.send(get('a:b\r\n'.repeat(1001)));
    expect(await client.rest()).toMatch(/^HTTP\/1.1 431 /);
    expect(test.arrived).toEqual([]);
  });

  it('counts as long as its request does, a price for each line', async () => {
    test = await startTestIngress({ memory_budget: KIB * KIB });
    test.answer = () => undefined;
    const many = await test.dialSilent(8, get('a:b\r\n'.repeat(1000)));
    await arrived(5);
    expect(test.budget.held('head')).toBeGreaterThan(5 * 64_000);
    await expect.poll(() => test.endings.map(({ error }) => error?.code)).toEqual(Array(3).fill('overloaded'));
    for (const client of many) client.close();
    await expect.poll(() => test.budget.reserved).toBe(0);
  });

  it('with more than 1,000 trailer lines behind it is 431', async () => {
    test = await startTestIngress();
    const client = await test.dial();
    const lines = Array.from({ length: 1100 }, (_, i) => `x${i}: y\r\n`).join('');
    client.send(`PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n${lines}\r\n`);
    await client.until(/^HTTP\/1.1 431 /);
    expect(test.arrived).toEqual([]);
    client.close();
  });
});

describe('bodies that come slowly', () => {
  it('make way for others when there is no room: the slowest first, with 408', async () => {
    test = await startTestIngress({ memory_budget: 4096 * KIB });
    const stalled = await test.dialSilent(4, put(900 * KIB) + 'x'.repeat(380 * KIB));
    await expect.poll(() => test.budget.held('body')).toBeGreaterThan(1500 * KIB);
    const statuses = async () => {
      const client = await test.dial();
      client.send(put(300 * KIB) + 'y'.repeat(300 * KIB));
      const text = await client.until(/^HTTP\/1.1 \d+/);
      client.close();
      return text.slice(9, 12);
    };
    await expect.poll(statuses).toBe('200');
    expect(test.endings.some(({ status, error }) => status === 408 && error?.code === 'request_timeout')).toBe(true);
    for (const client of stalled) client.close();
    await expect.poll(() => test.budget.reserved).toBe(0);
  });

  it('leave room for short ones', async () => {
    test = await startTestIngress({ memory_budget: 4096 * KIB });
    const stalled = await test.dialSilent(8, put(900 * KIB) + 'x'.repeat(380 * KIB));
    await expect.poll(() => test.endings.some(({ error }) => error?.code === 'overloaded')).toBe(true);
    const client = await test.dial();
    client.send(put(10) + 'x'.repeat(10));
    await client.until(/ 200 OK/);
    for (const one of [...stalled, client]) one.close();
  });
});

describe('max_pending', () => {
  it('is not made room in by cutting an answer that has begun, nor by running what was refused', async () => {
    test = await startTestIngress({ max_pending: 2 });
    const heads: Arrived[] = [];
    test.answer = (request) => heads.push(request);
    const hog = await test.dial();
    hog.send(get('X-Kafka-Topic: a\r\n'));
    await arrived(1);
    const noSource = { consumed: () => undefined, cancel: () => undefined, release: () => undefined };
    heads[0]?.waiter.stream(replyOf({ headers: ['Content-Type', 'text/event-stream'], body: null }), noSource);
    await hog.until(/event-stream/);
    const slow = await test.dial();
    slow.send(`PUT / HTTP/1.1\r\nHost: h\r\nX-Kafka-Topic: a\r\nContent-Length: 4\r\n\r\nab`);
    await expect.poll(() => test.budget.held('body')).toBe(2);
    const other = await test.dial();
    other.send(get('X-Kafka-Topic: b\r\n'));
    await arrived(2);
    // Its body had not come: nothing of it was accepted.
    expect(await slow.until(/"code":"\w+"/)).toMatch(/ 503 [\s\S]*"overloaded"/);
    slow.send('cd');
    expect(test.budget.held('body')).toBe(0);
    heads[1]?.waiter.reply(replyOf());
    await other.until(/ 200 OK/);
    expect(test.arrived.map(({ to }) => to.requestTopic)).toEqual(['a', 'b']);
    for (const client of [hog, slow, other]) client.close();
  });

  it('is one topic’s as long as no other needs it; then what it has too much is answered with 504', async () => {
    test = await startTestIngress({ max_pending: 4 });
    test.answer = () => undefined;
    const hog = await test.dialSilent(1, get('X-Kafka-Topic: a\r\n').repeat(4));
    await arrived(4);
    const other = await test.dial();
    other.send(get('X-Kafka-Topic: b\r\n'));
    await arrived(5);
    const [lost] = test.arrived.filter(({ abandoned }) => abandoned) as Arrived[];
    expect(lost?.to.requestTopic).toBe('a');
    // Its turn on its connection has not come, so it has only ended; `endings` follow what was written.
    const last = test.arrived.at(-1) as Arrived;
    last.waiter.reply(replyOf());
    await other.until(/ 200 OK/);
    for (const client of [...hog, other]) client.close();
  });
});
