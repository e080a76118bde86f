import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TopicConfig } from '@kafka-http-proxy/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MemoryKafka } from './testing/memory-kafka.js';
import { closedPort, rawBackend } from './testing/raw-backend.js';
import { config, topic } from './testing/samples.js';
import { fresh, OK, start } from './testing/started.js';

type Change = Parameters<typeof config>[0];
const NOTHING = { keys: [], files: [] };

/** A processor that is connected, and a way to have it go by something else. */
async function running(change: Change, kafka = new MemoryKafka()) {
  const started = await start({ management_port: await closedPort(), ...change }, kafka);
  await started.processor.connected;
  const reload = (next: Change, changes = NOTHING) => started.processor.reload(config({ ...change, ...next }), changes);
  const topics = async () =>
    (JSON.parse((await started.get('/status')).text) as { topics: Record<string, object> }).topics;
  return { ...started, reload, topics };
}

/** Hands a request over and waits until it is done. */
async function carried(kafka: MemoryKafka, offset: number, name = 'requests'): Promise<void> {
  kafka.give(fresh({ topic: name, offset }));
  await vi.waitFor(() => expect(kafka.stored.get(`${name}/0`)).toBe(offset + 1), { timeout: 20_000 });
}

const two = (change: Partial<TopicConfig> = {}) => [
  topic(),
  topic({ request_topic: 'more', response_topic: 'more-r', ...change }),
];

describe('a reload', () => {
  it('sends what comes, and what waits, to where the backend is now; what runs ends where it began', async () => {
    let answer = () => {};
    const old = await rawBackend((socket) => {
      answer = () => socket.write(OK);
    });
    const next = await rawBackend(OK);
    const of = (url: string) => ({
      topics: [topic({ backend_url: url, keep_alive_timeout: 60 })],
      max_concurrent_requests: 1,
    });
    const { kafka, reload, get } = await running(of(old.url));
    kafka.give(fresh({ offset: 0 }));
    kafka.give(fresh({ offset: 1 }));
    await vi.waitFor(() => expect(old.requests).toHaveLength(1), { timeout: 20_000 });
    await reload(of(next.url));
    answer();
    await carried(kafka, 2);
    expect([old.requests.length, next.requests.length]).toEqual([1, 2]);
    expect(kafka.producer.sent.map(({ value }) => value?.toString())).toEqual(['ok', 'ok', 'ok']);
    // Nobody uses the old one any more: neither its connections nor its series stay.
    await old.disconnected;
    const metrics = (await get('/metrics')).text;
    expect(metrics).toContain(`processor_backend_latency_seconds_count{topic="requests",backend="${next.url}"} 2`);
    expect(metrics).not.toContain(old.url);
  });

  it('joins the group of a topic that is added, makes what it needs, and gives up one that is removed', async () => {
    const { url, requests } = await rawBackend(OK);
    const { kafka, reload, topics, get } = await running({ topics: [topic({ backend_url: url })] });
    await reload({ topics: two({ backend_url: url }) });
    expect(kafka.ensured.at(-1)).toEqual(['more', 'more-r']);
    expect(Object.keys(await topics())).toEqual(['requests', 'more']);
    await carried(kafka, 0, 'more');
    expect(kafka.producer.sent.at(-1)?.topic).toBe('responses');
    await reload({ topics: two({ backend_url: url }).slice(1) });
    expect(Object.keys(await topics())).toEqual(['more']);
    kafka.give(fresh({ offset: 5 }));
    await carried(kafka, 1, 'more');
    expect(requests).toHaveLength(2);
    expect((await get('/metrics')).text).not.toContain('topic="requests"');
  });

  it('tells the group of a topic that is added to one that is read already', async () => {
    const group = { consumer_group: 'one' };
    const { kafka, reload, topics } = await running({ topics: [topic(group)] });
    await reload({ topics: [topic(group), topic({ ...group, request_topic: 'more' })] });
    expect(kafka.groups).toHaveLength(1);
    expect(await topics()).toMatchObject({ requests: { partitions: [0] }, more: { partitions: [0] } });
    await reload({ topics: [topic({ ...group, request_topic: 'more' })] });
    expect(await topics()).toEqual({ more: expect.objectContaining({ partitions: [0] }) as unknown });
  });

  it('leaves the breaker and the rate limit of a topic as they are where they are of the same', async () => {
    const broken = { circuit_breaker: { min_rps: 0, half_open_after: 60 }, max_retries: 1 } as const;
    const { kafka, reload, topics } = await running({ topics: [topic(broken)] });
    kafka.give(fresh({ offset: 0 }));
    await vi.waitFor(async () => expect(await topics()).toMatchObject({ requests: { breaker: 'open' } }));
    await reload({ topics: [topic({ ...broken, timeout: 7 })], max_concurrent_requests: 7 });
    expect(await topics()).toMatchObject({ requests: { breaker: 'open' } });
    const { url } = await rawBackend(OK);
    await reload({ topics: [topic({ ...broken, backend_url: url })] });
    expect(await topics()).toMatchObject({ requests: { breaker: 'closed', backend_up: null } });
  });

  it('has failures written to another dead-letter topic, and replies refused that may go elsewhere no more', async () => {
    const { kafka, reload } = await running({ topics: [topic({ max_retries: 1 })] });
    await reload({ topics: [topic({ max_retries: 1 })], dead_letter_topic: 'dead' });
    expect(kafka.ensured.at(-1)).toEqual(['dead']);
    kafka.give(fresh({ offset: 0 }, { method: 'POST' }));
    await vi.waitFor(() => expect(kafka.producer.to('dead')).toHaveLength(1), { timeout: 20_000 });
    await reload({ topics: [topic({ max_retries: 1 })], allowed_response_topics: [] });
    kafka.give(fresh({ offset: 1 }, { reply: { topic: 'elsewhere', partition: 0 } }));
    await vi.waitFor(() => expect(kafka.stored.get('requests/0')).toBe(2), { timeout: 20_000 });
    expect(kafka.producer.to('elsewhere')).toEqual([]);
  });

  it('has all clients go on by other properties, or other files of the same names', async () => {
    const { kafka, reload } = await running({});
    await reload({ kafka: { properties: { 'sasl.password': 'other' } } }, {
      keys: ['kafka.properties.sasl.password'],
      files: [],
    } as never);
    expect(new Set(kafka.renewed.map((line) => line.split(':')[0]))).toEqual(
      new Set(['producer', 'inbox', 'processor-requests']),
    );
  });
});

describe('a reload that can’t be taken leaves everything as it was', () => {
  it.each<[string, (kafka: MemoryKafka) => void, Change, RegExp]>([
    [
      'a group that Kafka denies',
      (kafka) => kafka.denied.add('processor-more'),
      { topics: two() },
      /denies Read on group processor-more/,
    ],
    [
      'a group while Kafka is away',
      (kafka) => void Object.assign(kafka, { away: true }),
      { topics: two() },
      /no broker/,
    ],
    [
      'a TLS file that is not there',
      () => undefined,
      { topics: two({ tls: { ca: '/nowhere.pem', reject_unauthorized: true } }) },
      /tls of topic more: ENOENT/,
    ],
    [
      'another group of a topic that is read',
      () => undefined,
      { topics: [topic({ consumer_group: 'other' })] },
      /topics\[0\]\.consumer_group: .* restart/,
    ],
  ])(
    '%s',
    async (_what, breaks, next, sentence) => {
      const { url, requests } = await rawBackend(OK);
      const { kafka, processor, reload, topics, get } = await running({ topics: [topic({ backend_url: url })] });
      breaks(kafka);
      await expect(reload(next)).rejects.toThrow(sentence);
      expect(Object.keys(await topics())).toEqual(['requests']);
      expect(processor.ready()).toMatchObject({ ready: true, reasons: [] });
      await carried(kafka, 0);
      expect(requests).toHaveLength(1);
      expect((await get('/metrics')).text).not.toContain('topic="more"');
    },
    30_000,
  );

  it('a certificate and a key that do not fit, half of a file, and none; until they are whole', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'khp-reload-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    const of = (name: string) => fileURLToPath(new URL(`./testing/certificates/${name}`, import.meta.url));
    const tls = { ca: join(dir, 'ca.pem'), cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') };
    copyFileSync(of('ca.pem'), tls.ca);
    copyFileSync(of('client.pem'), tls.cert);
    copyFileSync(of('client.key'), tls.key);
    const topics = [topic({ backend_url: 'https://127.0.0.1:1', tls })];
    const { reload } = await running({ topics });
    copyFileSync(of('server.key'), tls.key);
    await expect(reload({})).rejects.toThrow(/tls of topic requests: cert \S+ and key \S+: OpenSSL refuses/);
    copyFileSync(of('server.pem'), tls.cert);
    writeFileSync(tls.ca, '-----BEGIN CERTIFICATE-----\nMIIB');
    await expect(reload({})).rejects.toThrow(/tls of topic requests: ca \S+: /);
    writeFileSync(tls.ca, '');
    await expect(reload({})).rejects.toThrow(/tls of topic requests: ca \S+: /);
    copyFileSync(of('ca.pem'), tls.ca);
    await reload({});
  });
});
