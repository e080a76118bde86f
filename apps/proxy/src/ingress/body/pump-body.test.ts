import { describe, expect, it } from 'vitest';
import { INBOX, postHead as post } from '../../testing/bridge.js';
import { body, cancelled, client, nothingLeft, published, set, test } from '../../testing/dialled-bridge.js';
import { replyOf } from '../../testing/ingress.js';

describe('a request body', () => {
  it('that fits one record is one, and its bytes count until Kafka has them', async () => {
    await set();
    client.send(post(3000) + 'x'.repeat(3000));
    await published();
    expect(test.published[0]).toMatchObject({ more: false, trailers: null });
    expect(test.published[0]?.body?.length).toBe(3000);
    expect(test.budget.held('body')).toBe(3000);
    test.settles[0]?.(null);
    await nothingLeftBut(1);
    test.settlement.settle(replyOf({ correlationId: test.published[0]?.correlationId ?? '' }));
    await client.until(/ok$/);
  });

  it.each(['known', 'unknown'])('of %s length that does not fit goes on in a stream, byte for byte', async (length) => {
    await set();
    const bytes = Buffer.from(Array.from({ length: 50_000 }, (_, i) => i % 251));
    const known = length === 'known';
    client.send(post(known ? bytes.length : 'chunked'));
    client.send(known ? bytes.subarray(0, 1500) : Buffer.concat([Buffer.from('c350\r\n'), bytes.subarray(0, 5000)]));
    await published();
    const first = test.published[0]?.body ?? Buffer.alloc(0);
    expect(test.published[0]?.more).toBe(true);
    client.send(bytes.subarray(known ? 1500 : 5000));
    if (!known) client.send('\r\n0\r\nX-Sum: 7\r\nHost: evil\r\n\r\n');
    test.part({ inbox: INBOX, credit: 100_000 });
    await expect.poll(() => test.sent.at(-1)?.part.sequence.end).toBe(true);
    expect(Buffer.concat([first, body()]).equals(bytes)).toBe(true);
    expect(test.sent.every(({ part }) => (part.body?.length ?? 0) <= 1024)).toBe(true);
    expect(test.sent.at(-1)?.part.trailers).toEqual(known ? null : ['X-Sum', '7']);
    test.settles[0]?.(null);
    test.head({ body: Buffer.from('done') }, { end: true });
    expect(await client.until(/done$/)).not.toMatch(/Connection: close/);
    await nothingLeft();
  });

  it('that has to wait gets no response that it did not ask for: undici takes that for the end', async () => {
    await set();
    client.send(post(2_000_000) + 'x'.repeat(1_000_000));
    await published();
    // Twice as long as it takes to ask a client that can't be seen whether it is there.
    const startMs = performance.now();
    await expect.poll(() => performance.now() - startMs).toBeGreaterThan(1000);
    test.settlement.settle(replyOf({ correlationId: test.published[0]?.correlationId ?? '' }));
    expect(await client.until(/ok$/)).toMatch(/^HTTP\/1.1 200 /);
  });

  it('carries the trailers of a chunked request', async () => {
    await set();
    client.send(`${post('chunked')}2\r\nhi\r\n0\r\nX-A: 1\r\nHost: evil\r\nX-A: 2\r\n\r\n`);
    await published();
    expect(test.published[0]).toMatchObject({ body: Buffer.from('hi'), trailers: ['X-A', '1', 'X-A', '2'] });
  });

  it('whose trailers make it too long for its record goes on in a stream too', async () => {
    await set();
    client.send(`${post('chunked')}dac\r\n${'x'.repeat(3500)}\r\n0\r\nX-A: ${'y'.repeat(400)}\r\n\r\n`);
    await published();
    test.part({ inbox: INBOX, credit: 100_000 });
    await expect.poll(() => test.sent.length).toBe(1);
    expect(test.published[0]?.body?.length).toBe(3500);
    expect(test.sent[0]?.part).toMatchObject({ sequence: { seq: 1, end: true }, trailers: ['X-A', 'y'.repeat(400)] });
  });

  it('is not read further than the processor takes it', async () => {
    await set();
    const megabytes = 64;
    client.send(post(megabytes * 1_048_576));
    let flushed = 0;
    const chunk = Buffer.alloc(1_048_576);
    for (let i = 0; i < megabytes; i++) client.socket.write(chunk, () => flushed++);
    await published();
    test.part({ inbox: INBOX, credit: 10_000 });
    await expect.poll(() => body().length).toBeGreaterThan(5_000);
    const before = flushed;
    await expect.poll(() => client.socket.writableLength > 0).toBe(true);
    expect(flushed).toBeLessThan(megabytes);
    expect(body().length).toBeLessThanOrEqual(10_000);
    test.part({ inbox: INBOX, credit: megabytes * 2_000_000 });
    await expect.poll(() => flushed, { timeout: 10_000 }).toBe(megabytes);
    expect(before).toBeLessThan(megabytes);
    await expect.poll(() => test.sent.at(-1)?.part.sequence.end).toBe(true);
  });

  it('is recalled when its client goes away in the middle', async () => {
    await set();
    client.send(post(100_000) + 'x'.repeat(5000));
    await published();
    test.part({ inbox: INBOX, credit: 100_000 });
    await expect.poll(() => test.sent.length).toBeGreaterThan(0);
    client.close();
    await expect.poll(cancelled).toBe(true);
    test.settles[0]?.(null);
    await nothingLeft();
    expect(test.plane.gone).toBe(1);
    expect(test.plane.endings).toEqual([]);
  });

  it('over max_body_size is stopped on the way, and its processor told', async () => {
    await set({ max_body_size: 6000 });
    client.send(`${post('chunked')}1388\r\n${'x'.repeat(5000)}\r\n`);
    await published();
    test.part({ inbox: INBOX, credit: 100_000 });
    client.send(`1388\r\n${'x'.repeat(5000)}\r\n`);
    const answer = await client.until(/"code"/);
    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*Connection: close[\s\S]*max_body_size/);
    expect(cancelled()).toBe(true);
    client.send('0\r\n\r\n');
    await client.rest();
    test.settles[0]?.(null);
    await nothingLeft();
  });

  it.each([
    ['known', (bytes: number) => post(bytes)],
    ['unknown', () => `${post('chunked')}1388\r\n${'x'.repeat(5000)}\r\n`],
  ])('of %s length is refused early where there are no streams', async (_length, request) => {
    await set();
    test.whyNoStreams = 'control_topic khp-control cannot be written to';
    client.send(request(5000));
    expect(await client.until(/"code"[\s\S]*}$/)).toMatch(/^HTTP\/1\.1 413 [\s\S]*control_topic khp-control/);
    expect(test.published).toEqual([]);
    expect(test.budget.held('body')).toBe(0);
    expect(test.plane.endings[0]?.error?.code).toBe('body_too_large');
  });

  it('with Expect is asked for when it is accepted, and not when it is refused', async () => {
    await set();
    client.send(post(5000, 'Expect: 100-continue\r\n'));
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    client.send('x'.repeat(5000));
    await published();
    test.whyNoStreams = 'there are none';
    const other = await test.plane.dial();
    other.send(post(5000, 'Expect: 100-continue\r\n'));
    expect(await other.until(/"code"/)).toMatch(/^HTTP\/1\.1 413 /);
    other.close();
  });

  it('that memory has no room for is refused, and room is given back', async () => {
    await set({ memory_budget: 1_048_576, kafka: { max_record_bytes: 1_000_000 }, record_bytes: 262_144 });
    client.send(post(300_000) + 'x'.repeat(300_000));
    await published();
    const second = await test.plane.dial();
    second.send(post(300_000) + 'x'.repeat(300_000));
    expect(await second.until(/"code"/)).toMatch(/^HTTP\/1\.1 503 [\s\S]*"code":"overloaded"/);
    second.close();
    test.settles[0]?.(null);
    expect(test.budget.held('body')).toBe(0);
    const half = await test.plane.dial();
    half.send(post(300_000) + 'x'.repeat(200_000));
    await expect.poll(() => test.budget.held('body')).toBeGreaterThan(0);
    half.close();
    await expect.poll(() => test.budget.held('body')).toBe(0);
  });

  it('beyond the number of streams is refused', async () => {
    await set({ max_streams: 1 });
    client.send(post(5000) + 'x'.repeat(2000));
    await published();
    const second = await test.plane.dial();
    second.send(post(5000) + 'x'.repeat(5000));
    expect(await second.until(/"code"/)).toMatch(/^HTTP\/1\.1 503 [\s\S]*"code":"overloaded"/);
    second.close();
  });

  it('that Kafka refuses at once is answered, and the rest of it dropped', async () => {
    await set();
    client.send(post(5000) + 'x'.repeat(2000));
    await published();
    test.settles[0]?.(new (await import('@kafka-http-proxy/protocol')).BridgeError('kafka_unavailable', 'away'));
    expect(await client.until(/"code"/)).toMatch(/^HTTP\/1\.1 503 [\s\S]*Connection: close/);
    client.send('x'.repeat(3000));
    expect(await client.rest()).toBe('');
    await nothingLeft();
  });
});

/** The memory of the body was given back, while so many requests wait. */
function nothingLeftBut(pending: number): Promise<void> {
  return expect.poll(() => [test.budget.held('body'), test.pending.size]).toEqual([0, pending]);
}
