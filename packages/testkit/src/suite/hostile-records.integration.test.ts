import { randomUUID } from 'node:crypto';
import { createProducer, type RecordProducer, type RequestConsumer } from '@kafka-http-proxy/kafka';
import { decodeRequest, type RequestEnvelope } from '@kafka-http-proxy/protocol';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Client } from '../hardening/client.js';
import { type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { readTopic, testSettings } from '../kafka/probe.js';
import { type Bridge, startBridge } from '../services/bridge.js';
import type { ServiceProcess } from '../services/service-process.js';

/*
 * Anybody may write to a response topic, and answer a request that they have read. The test is the
 * responder of a route that no processor serves.
 */

const ORPHAN = `orphan-${randomUUID()}`;

let backend: ScriptedBackend;
let bridge: Bridge;
let proxy: ServiceProcess;
let producer: RecordProducer;
let consumer: RequestConsumer;
const requests = new Map<string, RequestEnvelope>();
let arrived: () => void = () => undefined;

beforeAll(async () => {
  const broker = inject('broker');
  backend = await startBackend();
  const routes = [{ path: '/orphan', request_topic: ORPHAN }];
  bridge = await startBridge({ broker, backendUrl: backend.url, proxy: { ROUTES: JSON.stringify(routes) } });
  [proxy] = bridge.proxies as [ServiceProcess];
  producer = await createProducer(testSettings(broker), { messageTimeoutMs: 30_000 });
  consumer = await readTopic(broker, ORPHAN, (record) => {
    const read = decodeRequest(record);
    if (!read.ok) return;
    requests.set(read.value.target, read.value);
    arrived();
  });
});
afterAll(async () => {
  await consumer?.close();
  await producer?.close(1000);
  await bridge?.close();
  await backend?.close();
});

async function requestOf(target: string): Promise<RequestEnvelope> {
  for (;;) {
    const request = requests.get(target);
    if (request !== undefined) return request;
    await new Promise<void>((resolve) => {
      arrived = resolve;
    });
  }
}

interface Forged {
  /** A text as it is, anything else as JSON. */
  readonly khp?: unknown;
  readonly value?: string | null;
}

async function reply({ correlationId, reply: to }: RequestEnvelope, { khp, value = null }: Forged): Promise<void> {
  if (to === null || to.partition === null) throw new Error('the request names no partition');
  const metadata = khp === undefined ? [] : [{ khp: typeof khp === 'string' ? khp : JSON.stringify(khp) }];
  await producer.deliver({
    topic: to.topic,
    partition: to.partition,
    key: null,
    value: value === null ? null : Buffer.from(value, 'latin1'),
    headers: [{ correlation_id: correlationId }, ...metadata],
  });
}

/** Asks on `client`, and gives the request as it came out of Kafka. */
async function asked(client: Client): Promise<RequestEnvelope> {
  const target = `/orphan/${randomUUID()}`;
  client.send(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);
  return await requestOf(target);
}

const MINE: Forged = { khp: { v: 2, status: 200, headers: ['Content-Length', '4'] }, value: 'mine' };

/** The connection stands where it should: the next answer on it is its own. */
async function goesOn(client: Client): Promise<void> {
  await reply(await asked(client), MINE);
  expect((await client.responses(1)).map(({ status, body }) => [status, body])).toEqual([[200, 'mine']]);
}

const v2 = (fields: object): Forged => ({ khp: { v: 2, status: 200, headers: [], ...fields }, value: 'evil' });
const v1 = (fields: object): Forged => ({
  value: JSON.stringify({ status_code: 200, headers: {}, body: 'evil', ...fields }),
});
const SPLIT = 'x\r\nSet-Cookie: evil=1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil';

describe('a record that is no HTTP response', () => {
  it.each<[string, Forged]>([
    ...[0, 99, 100, 101, 199, 1000, -200, 200.5, 2e9, '200', null, true, [200], { toString: 1 }].map(
      (status): [string, Forged] => [`status ${JSON.stringify(status)}`, v2({ status })],
    ),
    ...[SPLIT, 'a\rb', 'a\nb', 'a\0b', 'a\x7fb', 'Ā', '\ud800'].flatMap((text): [string, Forged][] => [
      [`the value ${JSON.stringify(text).slice(0, 30)}`, v2({ headers: ['X', text] })],
      [`the reason ${JSON.stringify(text).slice(0, 30)}`, v2({ reason: text })],
      [`the trailer ${JSON.stringify(text).slice(0, 30)}`, v2({ trailers: ['X', text] })],
      [`in version 1 the value ${JSON.stringify(text).slice(0, 30)}`, v1({ headers: { X: text } })],
    ]),
    ...['', 'X ', 'X:', 'X\r\nSet-Cookie', 'X\0', '\xe9', 'X(', 'a b'].flatMap((name): [string, Forged][] => [
      [`the name ${JSON.stringify(name)}`, v2({ headers: [name, 'x'] })],
      [`the trailer name ${JSON.stringify(name)}`, v2({ trailers: [name, 'x'] })],
      [`in version 1 the name ${JSON.stringify(name)}`, v1({ headers: { [name]: 'x' } })],
    ]),
    ['a name without a value', v2({ headers: ['X'] })],
    ['names that are no texts', v2({ headers: [1, 2] })],
    ['no headers', v2({ headers: undefined })],
    ['headers that are an object', v2({ headers: { length: 2, 0: 'X', 1: 'y' } })],
    ['an unknown version', v2({ v: 3 })],
    ['a version nested without end', { khp: `{"v":${'['.repeat(20_000)}${']'.repeat(20_000)}}` }],
    ['a part of a stream that nobody began', v2({ seq: 1 })],
    ['the head of a stream without an inbox', v2({ seq: 0, exec: 'e' })],
    ['an end without a beginning', v2({ end: true, exec: 'e' })],
    ['in version 1 a status that is none', v1({ status_code: '200' })],
    ['neither version', { value: 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil' }],
  ])('is dropped and counted: %s', async (_what, forged) => {
    const before = await proxy.metric('proxy_malformed_replies_total');
    const client = await Client.dial(proxy.port as number);
    const request = await asked(client);
    await reply(request, forged);
    await reply(request, MINE);
    expect((await client.responses(1)).map(({ status, body }) => [status, body])).toEqual([[200, 'mine']]);
    expect(await proxy.metric('proxy_malformed_replies_total')).toBe(before + 1);
    await goesOn(client);
    client.close();
  });
});

describe('a record that is one', () => {
  const lie = (headers: string[], fields: object = {}): Forged => ({
    khp: { v: 2, status: 200, headers, ...fields },
    value: 'body',
  });
  it.each<[string, Forged, number, string]>([
    ['a length that is too short', lie(['Content-Length', '1']), 200, 'body'],
    ['a length that is too long', lie(['Content-Length', '400']), 200, 'body'],
    ['two lengths', lie(['Content-Length', '4', 'content-length', '5']), 200, 'body'],
    ['a length that is none', lie(['Content-Length', '4, 4']), 200, 'body'],
    ['a coding', lie(['Transfer-Encoding', 'chunked']), 200, 'body'],
    ['both', lie(['Content-Length', '4', 'Transfer-Encoding', 'chunked']), 200, 'body'],
    [
      'a coding that Connection names',
      lie(['Connection', 'Transfer-Encoding, X', 'Transfer-Encoding', 'gzip', 'X', 'y']),
      200,
      'body',
    ],
    ['an upgrade', lie(['Connection', 'Upgrade', 'Upgrade', 'h2c']), 200, 'body'],
    ['an end of the connection', lie(['Connection', 'close', 'Keep-Alive', 'timeout=0']), 200, 'body'],
    ['a trailer that is announced only', lie(['Trailer', 'X']), 200, 'body'],
    [
      'trailers that may not be',
      lie([], { trailers: ['Set-Cookie', 'evil=1', 'Content-Length', '9', 'Transfer-Encoding', 'x'] }),
      200,
      'body',
    ],
    ['204 with a body', lie(['Content-Length', '4'], { status: 204 }), 204, ''],
    ['304 with a body', lie(['Content-Length', '9'], { status: 304 }), 304, ''],
    ['205 with a body', lie([], { status: 205 }), 205, 'body'],
    ['status 999 with a reason in latin1', lie([], { status: 999, reason: '\xe9' }), 999, 'body'],
    [
      'a body that looks like an answer',
      { ...lie([]), value: 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil' },
      200,
      'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil',
    ],
    [
      'names that reach for a prototype',
      lie(['__proto__', 'x', 'constructor', 'y', 'hasOwnProperty', 'z']),
      200,
      'body',
    ],
    ['3,000 lines', lie(Array.from({ length: 6000 }, (_, i) => (i % 2 ? 'y' : 'X'))), 200, 'body'],
    ['no body', { khp: { v: 2, status: 200, headers: ['Content-Length', '7'] } }, 200, ''],
  ])('is framed by what it holds, not by what it says: %s', async (_what, forged, status, body) => {
    const client = await Client.dial(proxy.port as number);
    await reply(await asked(client), forged);
    const [response] = await client.responses(1);
    expect([response?.status, response?.body]).toEqual([status, body]);
    expect(response?.headerLines.filter((line) => /^(?:set-cookie|upgrade|keep-alive: timeout=0)/i.test(line))).toEqual(
      [],
    );
    await goesOn(client);
    client.close();
  });

  it('and comes twice is taken once: the second is not the answer to what is asked next', async () => {
    const client = await Client.dial(proxy.port as number);
    const request = await asked(client);
    const late = await proxy.metric('proxy_late_replies_total');
    await reply(request, MINE);
    await client.responses(1);
    const next = await asked(client);
    await reply(request, { ...MINE, value: 'late' });
    await expect.poll(() => proxy.metric('proxy_late_replies_total'), { timeout: 30_000 }).toBe(late + 1);
    await reply(next, MINE);
    expect((await client.responses(1))[0]?.body).toBe('mine');
    client.close();
  });
});

it('left nothing behind', async () => {
  await expect.poll(() => proxy.metric('proxy_pending_requests'), { timeout: 30_000 }).toBe(0);
  expect(proxy.child.exitCode).toBeNull();
  expect(proxy.log.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
});
