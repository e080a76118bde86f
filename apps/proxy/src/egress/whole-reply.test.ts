import { afterEach, describe, expect, it } from 'vitest';
import { replyOf, startTestIngress, type TestIngress } from '../testing/ingress.js';

let test: TestIngress;
afterEach(() => test.stop());

const KIB = 1024;
const get = (more = '') => `GET / HTTP/1.1\r\nHost: h\r\n${more}\r\n`;

describe('a whole reply', () => {
  it('that its client does not read is cut as a stream is, and said to be', async () => {
    test = await startTestIngress({ stream_idle_timeout: 0.4 });
    const body = Buffer.alloc(30_000 * KIB);
    test.answer = ({ waiter }) => waiter.reply(replyOf({ body }));
    const [client] = await test.dialSilent(1, get());
    await expect.poll(() => test.endings.at(-1)?.cut).toBe('client_idle');
    expect(test.endings.at(-1)).toMatchObject({ status: 200, error: { code: 'client_gone' } });
    expect(test.budget.reserved).toBe(0);
    client?.close();
  });

  it('that a slow client reads bit by bit is let be', async () => {
    test = await startTestIngress({ stream_idle_timeout: 0.4 });
    const body = Buffer.alloc(12_000 * KIB, 'x');
    test.answer = ({ waiter }) => waiter.reply(replyOf({ body }));
    const [client] = await test.dialSilent(1, get());
    let read = 0;
    client?.socket.on('data', (bytes: Buffer) => {
      read += bytes.length;
      if (read < 64 * KIB) return;
      read = 0;
      client.socket.pause();
    });
    const reading = setInterval(() => client?.socket.resume(), 2);
    await expect.poll(() => test.endings.length, { timeout: 25_000 }).toBe(1);
    expect(test.endings[0]?.cut).toBeUndefined();
    clearInterval(reading);
    client?.close();
  });

  it('counts until its client has it; where that is too much, who stands still makes way', async () => {
    test = await startTestIngress({ memory_budget: 32_768 * KIB });
    const body = Buffer.alloc(6_000 * KIB);
    test.answer = ({ waiter }) => waiter.reply(replyOf({ body }));
    const still = await test.dialSilent(2, get());
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

  it.each([0, 1, 8192, 8193, 100_000])('of %d bytes arrives byte by byte, whichever way it leaves', async (length) => {
    test = await startTestIngress();
    const body = Buffer.from(Array.from({ length }, (_, i) => i % 251));
    // With Expect, of all fields, Node sends the head at once.
    for (const field of ['X-Obs-Text: \xe9', 'Expect: x']) {
      test.answer = ({ waiter }) => waiter.reply(replyOf({ body, headers: field.split(': ') }));
      const client = await test.dial();
      client.send(get('Connection: close\r\n'));
      const [head, ...rest] = (await client.rest()).split('\r\n\r\n');
      expect(head?.startsWith(`HTTP/1.1 200 OK\r\n${field}\r\nContent-Length: ${length}\r\n`)).toBe(true);
      expect(rest.join('\r\n\r\n') === body.toString('latin1')).toBe(true);
    }
  });

  it('follows another on its connection, also where both were asked for at once', async () => {
    test = await startTestIngress();
    test.answer = ({ waiter, target }) => waiter.reply(replyOf({ body: Buffer.from(target) }));
    const client = await test.dial();
    client.send(get().replace('/', '/one') + get('Connection: close\r\n').replace('/', '/two'));
    expect(await client.rest()).toMatch(/\r\n\r\n\/oneHTTP\/1\.1 200 OK[\s\S]*\r\n\r\n\/two$/);
  });
});
