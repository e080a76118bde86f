import { once } from 'node:events';
import { FIRST_WINDOW } from '@kafka-http-proxy/streams';
import type { RawClient } from '@kafka-http-proxy/testkit';
import { describe, expect, it } from 'vitest';
import { cancelled, client, nothingLeft, published, set, test } from '../testing/dialled-bridge.js';
import { replyOf } from '../testing/ingress.js';

describe('a reply that streams', () => {
  const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';

  it('shows its head and each part as they come, and ends with its trailers', async () => {
    await set();
    client.send(GET);
    await published();
    test.head({ status: 206, reason: 'Some', headers: ['X-b', '1', 'Trailer', 'X-T', 'x-B', '2'] });
    expect(await client.until(/\r\n\r\n$/)).toMatch(
      /^HTTP\/1\.1 206 Some\r\nX-b: 1\r\nTrailer: X-T\r\nx-B: 2\r\nTransfer-Encoding: chunked\r\n/,
    );
    test.part({ seq: 1 }, { body: Buffer.from('data: 1\n\n') });
    expect(await client.until(/\n\n\r\n$/)).toBe('9\r\ndata: 1\n\n\r\n');
    expect(test.plane.endings).toEqual([]);
    test.part({ seq: 2, end: true }, { body: Buffer.from('z'), trailers: ['X-T', '1', 'Host', 'h', 'X-T', '2'] });
    expect(await client.until(/\r\n\r\n$/)).toBe('1\r\nz\r\n0\r\nX-T: 1\r\nX-T: 2\r\n\r\n');
    await nothingLeft();
    expect(test.plane.endings).toMatchObject([{ status: 206, error: undefined, cut: undefined }]);
    client.send(GET);
    await published(2);
  });

  it('keeps its length where it has one', async () => {
    await set();
    client.send(GET);
    await published();
    test.head({ headers: ['Content-Length', '4', 'Trailer', 'X-T'], body: Buffer.from('ab') });
    test.part({ seq: 1, end: true }, { body: Buffer.from('cd'), trailers: ['X-T', '1'] });
    const answer = await client.until(/\r\n\r\nabcd$/);
    expect(answer).toContain('Content-Length: 4\r\n');
    expect(answer).not.toMatch(/chunked|trailer/i);
    client.send(GET);
    await published(2);
  });

  it.each([
    ['ends short of its length', 'abc', true],
    ['runs over its length', 'abcdef', false],
  ])('that %s is cut', async (_what, text, end) => {
    await set();
    client.send(GET);
    await published();
    test.head({ headers: ['Content-Length', '5'] });
    test.part({ seq: 1, end }, { body: Buffer.from(text) });
    expect((await client.rest()).split('\r\n\r\n')[1]?.length).toBeLessThan(5);
    expect(cancelled()).toBe(!end);
    await nothingLeft();
    expect(test.plane.endings).toMatchObject([{ cut: 'wrong_length', error: { code: 'backend_unreachable' } }]);
  });

  it('that breaks off is cut, not ended', async () => {
    await set();
    client.send(GET);
    await published();
    test.head({ body: Buffer.from('ab') });
    await client.until(/ab\r\n$/);
    test.part({ seq: 1, end: true }, { error: 'backend_unreachable' });
    expect(await client.rest()).toBe('');
    await nothingLeft();
    expect(test.plane.endings).toMatchObject([
      { status: 200, cut: 'backend_unreachable', error: { code: 'backend_unreachable' } },
    ]);
  });

  it('to HTTP/1.0 ends with the connection, and is reset when it breaks off', async () => {
    await set();
    client.send('GET / HTTP/1.0\r\n\r\n');
    await published();
    test.head({ headers: ['Trailer', 'X-T'], body: Buffer.from('ab') });
    test.part({ seq: 1, end: true }, { body: Buffer.from('c'), trailers: ['X-T', '1'] });
    const whole = await client.rest();
    expect(whole).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nabc$/);
    expect(whole).not.toMatch(/chunked|trailer/i);
    const second = await test.plane.dial();
    second.send('GET / HTTP/1.0\r\n\r\n');
    await published(2);
    test.head({ body: Buffer.from('ab') });
    await second.until(/ab$/);
    const failed = once(second.socket, 'error');
    test.part({ seq: 1, end: true }, { error: 'processing_failed' });
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
  });

  it('to HEAD is its head alone', async () => {
    await set();
    client.send('HEAD / HTTP/1.1\r\nHost: h\r\n\r\n');
    await published();
    test.head({ headers: ['Content-Length', '10'], body: Buffer.from('ab') });
    test.part({ seq: 1, end: true });
    expect(await client.until(/\r\n\r\n$/)).toContain('Content-Length: 10\r\n');
    await nothingLeft();
    client.send(GET);
    await published(2);
  });

  it('ends when its client goes away, without a failure', async () => {
    await set();
    client.send(GET);
    await published();
    test.head({ body: Buffer.from('ab') });
    await client.until(/ab\r\n$/);
    client.close();
    await expect.poll(cancelled).toBe(true);
    await nothingLeft();
    expect(test.plane.endings).toEqual([]);
    expect(test.plane.gone).toBe(1);
  });

  it('goes on to a client that had ended its side before', async () => {
    await set();
    client.socket.end(GET);
    await published();
    test.head({ body: Buffer.from('ab') });
    await client.until(/ab\r\n$/);
    test.part({ seq: 1, end: true }, { body: Buffer.from('c') });
    expect(await client.rest()).toBe('1\r\nc\r\n0\r\n\r\n');
  });

  it('is granted no more than its client takes, and is cut when that takes nothing for too long', async () => {
    await set({ stream_idle_timeout: 0.4 });
    client.socket.pause();
    client.send(GET);
    await published();
    test.head();
    const chunk = Buffer.alloc(FIRST_WINDOW / 4);
    const credit = () => Math.max(FIRST_WINDOW, ...test.sent.map(({ part }) => part.sequence.credit ?? 0));
    let sent = 0;
    // As a processor would: as far as it may. The system's buffers take some of it.
    const fill = () => {
      test.part({});
      for (; sent + chunk.length <= credit() && test.streams.conversations.size > 0; sent += chunk.length) {
        test.part({ seq: sent / chunk.length + 1 }, { body: chunk });
      }
      return test.plane.endings.length;
    };
    await expect.poll(fill, { timeout: 10_000, interval: 20 }).toBe(1);
    expect(test.plane.endings).toMatchObject([{ cut: 'client_idle', error: { code: 'client_gone' } }]);
    expect(cancelled()).toBe(true);
    await nothingLeft();
  });

  it('in the shape of a whole one keeps its trailers, except where there is no place for them', async () => {
    await set();
    const answer = async (dialled: RawClient, request: string) => {
      const count = test.published.length;
      dialled.send(request);
      await published(count + 1);
      const correlationId = test.published.at(-1)?.correlationId ?? '';
      const trailers = ['X-T', '1', 'Content-Length', '3'];
      test.settlement.settle(replyOf({ correlationId, headers: ['Content-Length', '2', 'Trailer', 'X-T'], trailers }));
    };
    await answer(client, GET);
    expect(await client.until(/\r\n\r\n$/)).toMatch(
      /^HTTP\/1\.1 200 OK\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n[\s\S]*\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n$/,
    );
    const old = await test.plane.dial();
    await answer(old, 'GET / HTTP/1.0\r\n\r\n');
    const plain = await old.rest();
    expect(plain).toMatch(/Content-Length: 2\r\n[\s\S]*\r\n\r\nok$/);
    expect(plain).not.toMatch(/trailer|chunked/i);
  });
});
