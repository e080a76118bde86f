import { shownId } from '@kafka-http-proxy/protocol';
import { describe, expect, it, vi } from 'vitest';
import { client, published, set, test } from '../testing/dialled-bridge.js';
import { replyOf } from '../testing/ingress.js';
import { createAccessLog } from './access-log.js';

const REPLY = /\r\n\r\nok$/;
const GET = 'GET /a?b=c HTTP/1.1\r\nHost: h\r\nUser-Agent: test\r\n\r\n';
const latest = () => test.published.at(-1)?.correlationId ?? 'none';
const settle = (fields: Parameters<typeof replyOf>[0] = {}) =>
  test.settlement.settle(replyOf({ correlationId: latest(), ...fields }));
/** Resolves with the lines, once there are so many. */
async function lines(count = 1): Promise<Record<string, unknown>[]> {
  await expect.poll(() => test.plane.lines.length).toBe(count);
  return test.plane.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the access log', () => {
  it('has a line of a request when its response has ended', async () => {
    await set({ access_log: 'json', access_log_query: true });
    client.send(GET);
    await published();
    settle({ tookMs: 0 });
    await client.until(REPLY);
    const [line] = await lines();
    expect(line).toMatchObject({
      'client.address': '127.0.0.1',
      'http.request.method': 'GET',
      'url.path': '/a',
      'url.query': 'b=c',
      'http.response.status_code': 200,
      'http.response.body.size': 2,
      backend_ms: 0,
      queue_ms: expect.any(Number),
      duration_ms: expect.any(Number),
      'messaging.destination.name': 'common-requests',
      request_id: shownId(latest()),
    });
    expect(JSON.stringify(line)).not.toContain(latest());
  });

  it('has the id that the commands know too, where the client gave its own', async () => {
    await set({ access_log: 'json' });
    client.send('GET / HTTP/1.1\r\nHost: h\r\nX-Request-ID: mine\r\n\r\n');
    await published();
    settle();
    expect(await lines()).toMatchObject([{ request_id: 'mine', correlation_id: shownId(latest()) }]);
  });

  it('counts the bytes of a reply that streams, and of none for HEAD', async () => {
    await set({ access_log: 'json' });
    client.send(GET);
    await published();
    test.head({ body: Buffer.from('begun') });
    test.part({ seq: 1, end: true }, { body: Buffer.from(' and done') });
    await client.until(/0\r\n\r\n$/);
    client.send('HEAD / HTTP/1.1\r\nHost: h\r\n\r\n');
    await published(2);
    settle();
    const sizes = (await lines(2)).map((line) => line['http.response.body.size']);
    expect(sizes).toEqual([14, 0]);
  });

  it('has a line of what is refused: before its exchange, and what failed behind it', async () => {
    await set({ access_log: 'json' });
    client.send('GET /early HTTP/1.1\r\nHost: h\r\nX-Kafka-Timeout: soon\r\nX-Request-ID: mine\r\n\r\n');
    await client.until(/\}$/);
    expect(await lines()).toMatchObject([
      { 'url.path': '/early', 'http.response.status_code': 400, 'error.type': 'bad_request', request_id: 'mine' },
    ]);
  });

  it('has the code of a reply that the processor made', async () => {
    await set({ access_log: 'json', access_log_sample: 0 });
    client.send(GET);
    await published();
    settle({ status: 504, error: 'backend_timeout' });
    await client.until(REPLY);
    expect(await lines()).toMatchObject([{ 'http.response.status_code': 504, 'error.type': 'backend_timeout' }]);
  });

  it.each([
    [
      'a method that is none',
      '(=) /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n',
      { 'http.request.method': '(=)', 'url.path': '/a' },
    ],
    ['bytes that are no request', '\x16\x03\x01\x02\r\n\r\n', { request_line: '\\x16\\x03\\x01\\x02' }],
    ['a malformed head', 'GET /x?y HTTP/1.1\r\nHost : h\r\n\r\n', { 'http.request.method': 'GET', 'url.path': '/x' }],
    ['CONNECT', 'CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n', { 'http.request.method': 'CONNECT', 'url.path': 'h:443' }],
  ])('has a line of what the parser gives up on: %s', async (_what, bytes, fields) => {
    await set({ access_log: 'json' });
    client.send(bytes);
    await client.rest();
    const [line] = await lines();
    expect(line).toMatchObject({ 'client.address': '127.0.0.1', 'error.type': expect.any(String), ...fields });
    expect(line?.['http.response.status_code']).toBeGreaterThanOrEqual(400);
  });

  it('has one line, with the right reason, of a request that breaks off in its body', async () => {
    await set({ access_log: 'json' });
    client.send('POST /up HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nnot a length\r\n');
    await client.rest();
    expect(await lines()).toMatchObject([
      { 'url.path': '/up', 'http.response.status_code': 400, 'error.type': 'bad_request' },
    ]);
  });

  it('has a line of a client that goes away: 499 before its answer, what it got in the middle', async () => {
    await set({ access_log: 'json' });
    client.send(GET);
    await published();
    client.close();
    expect(await lines()).toMatchObject([{ 'http.response.status_code': 499, 'error.type': 'client_gone' }]);
    const other = await test.plane.dial();
    other.send(GET);
    await published(2);
    test.head({ body: Buffer.from('begun') });
    await other.until(/begun/);
    other.close();
    const [, line] = await lines(2);
    expect(line).toMatchObject({ 'http.response.status_code': 200, 'error.type': 'client_gone' });
    expect(line?.['http.response.body.size']).toBe(5);
  });

  it('writes nothing where it is off', async () => {
    await set();
    client.send(GET);
    await published();
    settle();
    await client.until(REPLY);
    await expect.poll(() => test.plane.endings.length).toBe(1);
    expect(test.plane.lines).toEqual([]);
  });
});

describe('the sample of the access log', () => {
  const request = {
    request: { rawHeaders: [], url: '/', httpVersion: '1.1', socket: {} } as never,
    method: 'GET',
    topic: 'orders',
    principal: null,
    correlationId: undefined,
    answer: { bytes: 0, code: null, queueMs: null, backendMs: null, sentStatus: 200 },
    elapsedMs: () => 1,
    traced: null,
  };
  const ending = {
    method: 'GET',
    topic: 'orders',
    elapsedMs: 1,
    error: undefined,
    correlationId: undefined,
    cut: undefined,
    traced: null,
  };

  it('leaves out its share of what went well, and nothing of what failed', () => {
    const write = vi.fn<(lines: readonly string[]) => void>();
    let nth = 0;
    const access = createAccessLog({ format: 'clf', sample: 0.25, query: false, write, random: () => (nth++ % 4) / 4 });
    for (let i = 0; i < 40; i++) access.ended({ ...ending, status: 200 }, request);
    for (let i = 0; i < 10; i++) access.ended({ ...ending, status: 404 }, request);
    for (let i = 0; i < 10; i++) access.abandoned(request);
    expect(write).not.toHaveBeenCalled();
    access.flush();
    expect(write.mock.calls.map(([lines]) => lines.length)).toEqual([30]);
  });
});
