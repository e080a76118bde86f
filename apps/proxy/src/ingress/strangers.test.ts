import { afterEach, describe, expect, it } from 'vitest';
import { type Arrived, replyOf, startTestIngress, type TestIngress } from '../testing/ingress.js';

/* What a client can have the proxy hold, and how it loses it. */

let test: TestIngress;
afterEach(() => test.stop());

const KIB = 1024;
const arrived = (count: number) => expect.poll(() => test.arrived.length).toBe(count);
const get = (more = '') => `GET / HTTP/1.1\r\nHost: h\r\n${more}\r\n`;
const put = (length: number) => `PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\n\r\n`;
/** Clients that send the same, and do not read. */
const clients = async (count: number, bytes: string) => {
  const made = await Promise.all(Array.from({ length: count }, () => test.dial()));
  for (const client of made) {
    client.socket.pause();
    client.send(bytes);
  }
  return made;
};

describe('a whole reply', () => {
  it('that its client does not read is cut as a stream is, and said to be', async () => {
    test = await startTestIngress({ stream_idle_timeout: 0.4 });
    const body = Buffer.alloc(30_000 * KIB);
    test.answer = ({ waiter }) => waiter.reply(replyOf({ body }));
    const [client] = await clients(1, get());
    await expect.poll(() => test.endings.at(-1)?.cut).toBe('client_idle');
    expect(test.endings.at(-1)).toMatchObject({ status: 200, error: { code: 'client_gone' } });
    expect(test.budget.reserved).toBe(0);
    client?.close();
  });

  it('that a slow client reads bit by bit is let be', async () => {
    test = await startTestIngress({ stream_idle_timeout: 0.4 });
    const body = Buffer.alloc(12_000 * KIB, 'x');
    test.answer = ({ waiter }) => waiter.reply(replyOf({ body }));
    const [client] = await clients(1, get());
    const reading = setInterval(() => {
      client?.socket.resume();
      client?.socket.once('data', () => client.socket.pause());
    }, 2);
    await expect.poll(() => test.endings.length, { timeout: 25_000 }).toBe(1);
    expect(test.endings[0]?.cut).toBeUndefined();
    clearInterval(reading);
    client?.close();
  });

  it('counts until its client has it; where that is too much, who stands still makes way', async () => {
    test = await startTestIngress({ memory_budget: 32_768 * KIB });
    const body = Buffer.alloc(6_000 * KIB);
    test.answer = ({ waiter }) => waiter.reply(replyOf({ body }));
    const still = await clients(2, get());
    await expect.poll(() => test.budget.held('reply')).toBeGreaterThanOrEqual(2 * body.length);
    const other = await test.dial();
    other.send(get());
    // Nobody stands still yet.
    expect(await other.until(/"code":"\w+"/)).toMatch(/ 503 [\s\S]*"overloaded"/);
    await expect
      .poll(async () => {
        const again = await test.dial();
        again.send(get());
        const text = await again.until(/^HTTP\/1.1 \d+/);
        again.close();
        return text.slice(9, 12);
      })
      .toBe('200');
    expect(test.endings.filter(({ cut }) => cut === 'client_idle')).toHaveLength(1);
    for (const client of [...still, other]) client.close();
    await expect.poll(() => test.budget.reserved).toBe(0);
  });
});

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
    const many = await clients(8, get('a:b\r\n'.repeat(1000)));
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
    const stalled = await clients(4, put(900 * KIB) + 'x'.repeat(380 * KIB));
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
    const stalled = await clients(8, put(900 * KIB) + 'x'.repeat(380 * KIB));
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
    const hog = await clients(1, get('X-Kafka-Topic: a\r\n').repeat(4));
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

describe('many connections', () => {
  it('with heads that have begun and do not end lose the longest of them, and others are served', async () => {
    test = await startTestIngress({ memory_budget: 2048 * KIB });
    const begun = await clients(20, `GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(20 * KIB)}`);
    const many = await clients(4, `GET / HTTP/1.1\r\nHost: h\r\n${'a:b\r\n'.repeat(900)}`);
    await expect.poll(() => test.refusals.length).toBeGreaterThan(10);
    expect(new Set(test.refusals)).toEqual(new Set(['overloaded']));
    expect(test.budget.held('head')).toBeLessThanOrEqual(256 * KIB);
    const client = await test.dial();
    client.send(get());
    await client.until(/ 200 OK/);
    for (const one of [...begun, ...many, client]) one.close();
    await expect.poll(() => test.budget.reserved).toBe(0);
  });

  it('are bounded: one that rests gives way to a new one, one that waits for its answer does not', async () => {
    test = await startTestIngress({ max_connections: 2 });
    const resting = await test.dial();
    resting.send(get());
    await resting.until(/ 200 OK/);
    test.answer = () => undefined;
    const waiting = await test.dial();
    waiting.send(get());
    await arrived(2);
    const third = await test.dial();
    await resting.rest();
    third.send(get());
    await arrived(3);
    const fourth = await test.dial();
    await fourth.rest();
    expect(test.refusals).toEqual(['overloaded']);
    for (const { waiter } of test.arrived.slice(1)) waiter.reply(replyOf());
    await waiting.until(/ 200 OK/);
    await third.until(/ 200 OK/);
    for (const client of [waiting, third]) client.close();
  });
});
