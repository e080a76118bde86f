import { afterEach, describe, expect, it } from 'vitest';
import { type Arrived, replyOf, startTestIngress, type TestIngress } from '../testing/ingress.js';
import { MAX_OUTSTANDING, MOST_OUTSTANDING } from './pipeline.js';

let test: TestIngress;
afterEach(() => test.stop());

const get = (i: number | string, more = '') => `GET /${i} HTTP/1.1\r\nHost: h\r\n${more}\r\n`;
const gets = (count: number) => Array.from({ length: count }, (_, i) => get(i)).join('');
const answer = ({ waiter, target }: Arrived) => waiter.reply(replyOf({ body: Buffer.from(`<${target}>`) }));
/** The targets that were answered, in order. */
const answered = (text: string) => [...text.matchAll(/<\/(\d+)>/g)].map(([, target]) => Number(target));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
const arrived = (count: number) => expect.poll(() => test.arrived.length).toBe(count);

describe('what one client pipelines', () => {
  it('is taken so far, and the rest one by one as answers end, in order', async () => {
    test = await startTestIngress();
    const waiting: Arrived[] = [];
    test.answer = (request) => waiting.push(request);
    const client = await test.dial();
    client.send(gets(100));
    await arrived(MAX_OUTSTANDING);
    answer(waiting.shift() as Arrived);
    await arrived(MAX_OUTSTANDING + 1);
    test.answer = answer;
    for (const request of waiting) answer(request);
    expect(answered(await client.until(/<\/99>/))).toEqual(upTo(100));
    // The connection is as good as before.
    client.send(get(100));
    await client.until(/<\/100>/);
    expect(test.endings).toHaveLength(101);
    client.close();
  });

  it('by the thousand in many packets, with bodies among them, is answered in order', async () => {
    test = await startTestIngress();
    test.answer = answer;
    const client = await test.dial();
    const post = (i: number) => `POST /${i} HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc`;
    client.send(
      upTo(6000)
        .map((i) => (i % 3 === 2 ? post(i) : get(i)))
        .join(''),
    );
    expect(answered(await client.until(/<\/5999>/))).toEqual(upTo(6000));
    client.close();
  });

  it('behind a request that is refused is held back and answered too', async () => {
    test = await startTestIngress();
    test.answer = () => undefined;
    const client = await test.dial();
    client.send(`${gets(MAX_OUTSTANDING + 3)}${get('x', 'Bad Line\r\n')}`);
    await arrived(MAX_OUTSTANDING);
    test.answer = answer;
    for (const request of [...test.arrived]) answer(request);
    expect(answered(await client.until(/ 400 /))).toEqual(upTo(MAX_OUTSTANDING + 3));
    await client.rest();
  });

  it('is answered to the last by a server whose client has ended its side', async () => {
    test = await startTestIngress();
    const waiting: Arrived[] = [];
    test.answer = (request) => waiting.push(request);
    const client = await test.dial();
    client.send(gets(70));
    client.socket.end();
    await arrived(MAX_OUTSTANDING);
    test.answer = answer;
    for (const request of waiting) answer(request);
    expect(answered(await client.until(/<\/69>/))).toEqual(upTo(70));
    await client.rest();
  });

  it('and has a body each ends the connection at twice the number', async () => {
    test = await startTestIngress();
    test.answer = () => undefined;
    const client = await test.dial();
    client.send(
      upTo(200)
        .map((i) => `POST /${i} HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx`)
        .join(''),
    );
    await arrived(MOST_OUTSTANDING + 1);
    for (const request of test.arrived) answer(request);
    const text = await client.until(/<\/64>/);
    expect(answered(text)).toEqual(upTo(MOST_OUTSTANDING + 1));
    await client.rest();
    expect(test.arrived).toHaveLength(MOST_OUTSTANDING + 1);
  });

  it.each([
    ['a little', 100],
    ['so much that not all of it is read', 20_000],
  ])('by a client that hangs up is given up within a second or so: %s', async (_what, count) => {
    test = await startTestIngress();
    test.answer = () => undefined;
    const client = await test.dial();
    client.send(gets(count));
    await arrived(MAX_OUTSTANDING);
    client.close();
    const startMs = performance.now();
    await expect.poll(() => test.gone, { interval: 20 }).toBe(MAX_OUTSTANDING);
    expect(performance.now() - startMs).toBeLessThan(2000);
    expect(test.arrived.every(({ abandoned }) => abandoned)).toBe(true);
  });
});
