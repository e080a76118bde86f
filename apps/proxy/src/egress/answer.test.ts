import { describe, expect, it } from 'vitest';
import { INBOX, postHead as post } from '../testing/bridge.js';
import { body, client, published, set, test } from '../testing/dialled-bridge.js';
import { replyOf } from '../testing/ingress.js';

describe('an early reply', () => {
  it('stops the upload, and can be read while the client still sends', async () => {
    await set();
    client.send(post(100_000) + 'x'.repeat(5000));
    await published();
    test.part({ inbox: INBOX, credit: 100_000 });
    await expect.poll(() => test.sent.length).toBeGreaterThan(0);
    test.settlement.settle(
      replyOf({
        correlationId: test.published[0]?.correlationId ?? '',
        status: 401,
        sequence: { seq: null, end: false, exec: 'a', inbox: null, credit: null, cancel: false },
      }),
    );
    expect(await client.until(/ok$/)).toMatch(/^HTTP\/1\.1 401 [\s\S]*Connection: close/);
    const sent = test.sent.length;
    // The connection stays while the rest comes, and goes then.
    client.send('x'.repeat(95_000));
    expect(await client.rest()).toBe('');
    expect(test.sent.length).toBe(sent);
    expect(test.plane.endings).toMatchObject([{ status: 401, error: undefined }]);
  });

  it('that streams does not stop the upload before its end', async () => {
    await set();
    client.send(post(10_000) + 'x'.repeat(5000));
    await published();
    test.part({ inbox: INBOX, credit: 100_000 });
    test.head({ body: Buffer.from('a') });
    await client.until(/a\r\n$/);
    client.send('x'.repeat(5000));
    await expect.poll(() => test.sent.some(({ part }) => part.sequence.end)).toBe(true);
    expect((test.published[0]?.body?.length ?? 0) + body().length).toBe(10_000);
    test.part({ seq: 1, end: true });
    await client.until(/0\r\n\r\n$/);
    // The connection is as good as before.
    client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await published(2);
  });

  it('that streamed to its end leaves the client the time to send the rest', async () => {
    await set();
    client.send(post(10_000) + 'x'.repeat(5000));
    await published();
    test.part({ inbox: INBOX, credit: 100_000 });
    test.head({ body: Buffer.from('a') });
    test.part({ seq: 1, end: true });
    await client.until(/0\r\n\r\n$/);
    const sent = test.sent.length;
    client.send(`${'x'.repeat(5000)}GET / HTTP/1.1\r\nHost: h\r\n\r\n`);
    await published(2);
    expect(test.sent.length).toBe(sent);
  });
});
