import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { DeadLetterError, decodeRequest, recordHeader } from '@kafka-http-proxy/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { RawClient } from '../http/raw-client.js';
import { startBackend, startRawBackend } from '../http/scripted-backend.js';
import { readUntil } from '../kafka/probe.js';
import { startKafka } from '../kafka/real-kafka.js';
import { freePort } from '../machine/ports.js';
import { type Bridge, startBridge } from '../services/bridge.js';

const broker = inject('broker');
let bridge: Bridge | undefined;
const closers: Array<() => Promise<void>> = [];
/** Longer than the attempts of the processor. */
const PATIENT = { DEFAULT_TIMEOUT: '10' };
afterEach(async () => {
  await bridge?.close();
  bridge = undefined;
  for (const close of closers.splice(0)) await close();
});

async function problemOf(response: Response): Promise<Record<string, unknown>> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return (await response.json()) as Record<string, unknown>;
}

type Case = readonly [what: string, start: () => Promise<string>, status: number, code: string];

const STREAMED: readonly Case[] = [
  ['is down', async () => `http://127.0.0.1:${await freePort()}`, 502, 'backend_unreachable'],
  ['hangs', () => hanging(), 504, 'backend_timeout'],
  [
    'closes in the middle of the body',
    () => raw('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'),
    502,
    'backend_unreachable',
  ],
  ['closes before it answers', () => raw(''), 502, 'backend_unreachable'],
  ['sends garbage', () => raw('\x00\x01garbage\r\n\r\n'), 502, 'backend_unreachable'],
];
const WHOLE: readonly Case[] = [
  [
    'announces more than a record holds',
    () => raw('HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n', false),
    502,
    'reply_too_large',
  ],
  ['sends more than a record holds', () => flooding(), 502, 'reply_too_large'],
];

describe.each([
  ['whose replies may stream', STREAMED, {}],
  // A reply that can't stream has to fit a record.
  ['whose replies have to fit a record', WHOLE, { MAX_STREAMS: '0' }],
] as const)('a backend that fails, %s', (_how, cases, processor) => {
  /** A topic for each of the cases, whose breaker is its own. */
  const topics = new Map(cases.map(([what]) => [what, `t${randomBytes(4).toString('hex')}-failing`]));
  const backends: (() => Promise<void>)[] = [];
  let shared: Bridge;
  beforeAll(async () => {
    const lines = cases.map(async ([what, start]) => {
      const topic = topics.get(what);
      return `${topic}:${topic},${topic}-replies,${await start()},1.5,2`;
    });
    const env = { ...processor, KAFKA_TOPICS: (await Promise.all(lines)).join(';') };
    backends.push(...closers.splice(0));
    shared = await startBridge({ broker, backendUrl: 'http://127.0.0.1:9', processor: env, proxy: PATIENT });
  });
  afterAll(async () => {
    await shared?.close();
    for (const close of backends) await close();
  });

  it.each(cases)('%s', async (what, _start, status, code) => {
    const topic = topics.get(what) as string;
    const body = randomBytes(1000);
    const headers = { 'x-a': 'b', 'x-kafka-topic': topic, 'x-kafka-reply-topic': `${topic}-replies` };
    const startedMs = performance.now();
    const response = await fetch(`${shared.origin}/x?y=1`, { method: 'PUT', body, headers });
    expect(response.status).toBe(status);
    expect(performance.now() - startedMs).toBeLessThan(5000);
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ status, code });

    // Of all the cases of this bridge so far.
    const isOurs = (record: { readonly value: Buffer | null }) => record.value?.equals(body) === true;
    const letters = await readUntil(broker, shared.deadLetterTopic, (records) => records.some(isOurs));
    const dead = letters.find(isOurs);
    if (!dead) throw new Error('no dead letter');
    const request = decodeRequest(dead);
    expect(request).toMatchObject({
      ok: true,
      value: { method: 'PUT', target: '/x?y=1', correlationId: expect.stringMatching(`^${problem.correlation_id}\\.`) },
    });
    const error = DeadLetterError.parse(JSON.parse(recordHeader(dead.headers, 'khp-error') ?? ''));
    expect(error).toMatchObject({ code, topic });
    expect(letters.filter(isOurs)).toHaveLength(1);
    expect(shared.processor.log.filter((line) => line.correlationId === problem.correlation_id)).toHaveLength(1);
  });
});

describe('a backend that fails and', () => {
  it('comes back: requests that may be repeated are answered', async () => {
    let failures = 0;
    const backend = await startRawBackend((socket) => {
      if (failures++ < 2) socket.destroy();
      else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
    });
    closers.push(() => backend.close());
    bridge = await startBridge({ broker, backendUrl: backend.url });
    expect(await fetch(bridge.origin).then((response) => response.text())).toBe('ok');
    failures = 0;
    const post = await fetch(bridge.origin, { method: 'POST', body: 'once' });
    expect(post.status).toBe(502);
    expect(failures).toBe(1);
  });
});

describe('without a control topic to be had', () => {
  const long = Buffer.alloc(2_000_000, 'x');

  it('what fits a record works, and what does not gets a clear error', async () => {
    const backend = await startBackend();
    closers.push(() => backend.close());
    bridge = await startBridge({ broker, backendUrl: backend.url, processor: { MAX_STREAMS: '0' } });
    const whole = await fetch(bridge.origin, { method: 'PUT', body: 'x'.repeat(900_000) });
    expect([whole.status, (await whole.text()).length]).toEqual([200, 900_000]);
    const upload = await fetch(bridge.origin, { method: 'PUT', body: long });
    expect(upload.status).toBe(413);
    expect(await problemOf(upload)).toMatchObject({ detail: expect.stringContaining('control_topic') });
    backend.answer = (_request, response) => response.end(long);
    const reply = await fetch(bridge.origin);
    expect(reply.status).toBe(502);
    expect(await problemOf(reply)).toMatchObject({ code: 'reply_too_large' });
  });

  it.runIf(broker.kind === 'kafka')('both tiers are ready, and say so', { timeout: 120_000 }, async () => {
    const kafka = await startKafka({ autoCreateTopics: false });
    closers.push(() => kafka.stop());
    const backend = await startBackend();
    closers.push(() => backend.close());
    const strict = { kind: 'kafka', bootstrapServers: kafka.bootstrapServers, properties: {} } as const;
    bridge = await startBridge({ broker: strict, backendUrl: backend.url });
    await bridge.processor.stop();
    const env = { KAFKA_CREATE_TOPICS: 'false', CONTROL_TOPIC: 'nowhere' };
    // On its main port a proxy does not say what is amiss.
    const proxyEnv = { ...env, MANAGEMENT_PORT: String(await freePort()) };
    const [processor, proxy] = await Promise.all([bridge.startProcessor(env), bridge.startProxy(proxyEnv)]);
    for (const { managementPort } of [processor, proxy]) {
      const notes = async () => {
        const response = await fetch(`http://127.0.0.1:${managementPort}/ready`);
        return [response.status, String(((await response.json()) as { notes?: string[] }).notes)];
      };
      await expect.poll(notes, { timeout: 20_000 }).toEqual([200, expect.stringContaining('nowhere')]);
    }
    const origin = `http://127.0.0.1:${proxy.port}`;
    expect((await fetch(origin, { method: 'PUT', body: 'short' })).status).toBe(200);
    const upload = await fetch(origin, { method: 'PUT', body: long });
    expect(upload.status).toBe(413);
    expect(await problemOf(upload)).toMatchObject({ detail: expect.stringContaining('control_topic') });
  });
});

describe('a client', () => {
  it('that goes away frees its place, and its late reply is dropped and counted', async () => {
    const backend = await startBackend();
    closers.push(() => backend.close());
    let release: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => {
      backend.answer = (_request, response) => {
        release = () => response.end('late');
        resolve();
      };
    });
    // Without a control topic to read, the processor does not learn that the client left.
    bridge = await startBridge({ broker, backendUrl: backend.url, processor: { MAX_STREAMS: '0' } });
    const [proxy] = bridge.proxies;
    const client = await RawClient.dial(proxy?.port as number);
    client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await arrived;
    client.close();
    await once(client.socket, 'close');
    await expect.poll(() => proxy?.metric('proxy_pending_requests')).toBe(0);
    release();
    await expect.poll(() => proxy?.metric('proxy_late_replies_total')).toBe(1);
    expect(await proxy?.metric('proxy_client_disconnects_total')).toBe(1);
  });

  it('that waits no longer than X-Kafka-Timeout gets 504, and the backend is not called for what expired', async () => {
    const backend = await startBackend();
    closers.push(() => backend.close());
    bridge = await startBridge({ broker, backendUrl: backend.url });
    await bridge.processor.stop();
    const response = await fetch(bridge.origin, { headers: { 'x-kafka-timeout': '0.3' } });
    expect(response.status).toBe(504);
    expect(await problemOf(response)).toMatchObject({ code: 'timeout' });
    const processor = await bridge.startProcessor();
    await expect.poll(() => processor.metric('processor_expired_total'), { timeout: 20_000 }).toBe(1);
    expect(backend.received).toEqual([]);
  });
});

/** Answers nothing. */
async function hanging(): Promise<string> {
  const backend = await startRawBackend(() => undefined);
  closers.push(() => backend.close());
  return backend.url;
}

/** Answers each request with these bytes, and ends the connection. */
async function raw(bytes: string, end = true): Promise<string> {
  const backend = await startRawBackend((socket) =>
    end ? socket.end(bytes, 'latin1') : socket.write(bytes, 'latin1'),
  );
  closers.push(() => backend.close());
  return backend.url;
}

/** Sends without an end. */
async function flooding(): Promise<string> {
  const backend = await startRawBackend((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    const chunk = Buffer.alloc(65_536);
    const pour = () => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', pour);
    pour();
  });
  closers.push(() => backend.close());
  return backend.url;
}
