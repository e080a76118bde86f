import { afterEach, describe, expect, it } from 'vitest';
import { replyOf, startTestIngress, type TestIngress } from '../testing/ingress.js';

let test: TestIngress;
afterEach(() => test.stop());

const KIB = 1024;
const arrived = (count: number) => expect.poll(() => test.arrived.length).toBe(count);
const get = (more = '') => `GET / HTTP/1.1\r\nHost: h\r\n${more}\r\n`;

describe('many connections', () => {
  it('with heads that have begun and do not end lose the longest of them, and others are served', async () => {
    test = await startTestIngress({ memory_budget: 2048 * KIB });
    const begun = await test.dialSilent(20, `GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(20 * KIB)}`);
    const many = await test.dialSilent(4, `GET / HTTP/1.1\r\nHost: h\r\n${'a:b\r\n'.repeat(900)}`);
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
