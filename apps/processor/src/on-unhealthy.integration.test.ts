import { randomUUID } from 'node:crypto';
import type { TopicPartition } from '@kafka-http-proxy/kafka';
import { createLogger, createRegistry } from '@kafka-http-proxy/service';
import {
  brokerEnv,
  type ScriptedBackend,
  type ServiceProcess,
  startBackend,
  startService,
} from '@kafka-http-proxy/testkit';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { type KafkaClients, REAL_CLIENTS } from './kafka/clients.js';
import { type RunningProcessor, startProcessor } from './start.js';
import { closedPort } from './testing/raw-backend.js';
import { config, topic } from './testing/samples.js';

const broker = inject('broker');
const run = randomUUID().slice(0, 8);
const names = { paused: `${run}-paused`, other: `${run}-other`, replies: `${run}-replies`, control: `${run}-control` };
const WAIT = { timeout: 60_000, interval: 20 };
const KEYS = ['k', 'l', 'm'];
const EACH = 8;

let backend: ScriptedBackend;
let other: ScriptedBackend;
let processor: RunningProcessor;
let proxy: ServiceProcess;
/** Each change of the assignment, and of it what was taken away. */
const assigned: TopicPartition[] = [];
const revoked: TopicPartition[] = [];

/** The real clients; what becomes of the partitions is seen. */
const clients: KafkaClients = {
  ...REAL_CLIENTS,
  createRequestConsumer: (options) =>
    REAL_CLIENTS.createRequestConsumer({
      ...options,
      onAssigned(partitions) {
        assigned.push(...partitions);
        options.onAssigned(partitions);
      },
      onRevoked(partitions, lost) {
        revoked.push(...partitions);
        return options.onRevoked(partitions, lost);
      },
    }),
};

async function management(path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${processor.managementPort}${path}`);
}

async function topicStatus(name: string): Promise<Record<string, unknown>> {
  const status = (await (await management('/status')).json()) as { topics: Record<string, Record<string, unknown>> };
  return status.topics[name] as Record<string, unknown>;
}

function ask(path: string, to: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> {
  return fetch(`http://127.0.0.1:${proxy.port}${path}`, {
    method,
    headers: { 'x-kafka-topic': to, 'x-kafka-timeout': '120', ...headers },
  });
}

async function start(): Promise<RunningProcessor> {
  const common = { response_topic: names.replies, consumer_group: `${run}-group` };
  const started = await startProcessor(
    config({
      kafka: { bootstrap_servers: broker.bootstrapServers, properties: broker.properties, topic_partitions: 2 },
      topics: [
        topic({
          ...common,
          request_topic: names.paused,
          backend_url: backend.url,
          ordering: 'key',
          retry_statuses: [503],
          circuit_breaker: { min_rps: 0, half_open_after: 0.5 },
          on_unhealthy: 'pause',
        }),
        topic({ ...common, request_topic: names.other, backend_url: other.url }),
      ],
      control_topic: names.control,
      management_port: await closedPort(),
    }),
    {
      logger: createLogger({ name: 'processor', level: 'silent' }),
      registry: createRegistry({ name: 'processor', version: '0' }),
      clients,
    },
  );
  await vi.waitFor(() => expect(started.ready()).toMatchObject({ ready: true, notes: [] }), WAIT);
  return started;
}

beforeAll(async () => {
  backend = await startBackend();
  other = await startBackend();
  processor = await start();
  proxy = await startService('proxy', {
    env: {
      ...brokerEnv(broker),
      PROXY_PORT: '0',
      DEFAULT_RESPONSE_TOPIC: names.replies,
      WARMUP_TOPICS: names.replies,
      CONTROL_TOPIC: names.control,
    },
  });
  await proxy.ready();
});
afterAll(async () => {
  await proxy?.stop();
  await processor?.stop();
  await backend?.close();
  await other?.close();
});

/** The backend is not well any more, and requests that may not be repeated are told so, until the breaker opens. */
async function breakerOpens(): Promise<void> {
  backend.answer = (_request, response) => response.writeHead(503).end();
  do {
    expect((await ask('/first', names.paused, {}, 'POST')).status).toBe(503);
  } while ((await topicStatus(names.paused)).breaker === 'closed');
}

it('lets requests wait for a backend that is not well, and for nothing else', { timeout: 180_000 }, async () => {
  const before = { assigned: [...assigned], paused: await topicStatus(names.paused) };
  await breakerOpens();

  // Who is tried with, and has no time left for another try, is answered what the backend said, in time or just too
  // late. One is tried with at a time: of two that got nothing in time, one was found expired.
  let late: number[];
  do {
    const asked = KEYS.map((key) => ask('/late', names.paused, { 'x-kafka-timeout': '1', 'x-kafka-key': key }));
    late = (await Promise.all(asked)).map(({ status }) => status);
    expect(late.every((status) => status === 503 || status === 504)).toBe(true);
  } while (late.filter((status) => status === 504).length < 2);
  const pending = () => proxy.metric('proxy_pending_requests');
  const waiting: Promise<Response>[] = [];
  for (let i = 0; i < EACH; i++) {
    for (const key of KEYS) {
      waiting.push(ask(`/${key}/${i}`, names.paused, { 'x-kafka-key': key }));
      // Each behind the one before it.
      await expect.poll(pending, WAIT).toBe(waiting.length);
    }
  }
  expect((await ask('/other', names.other)).status).toBe(200);

  // It is tried, now and then, by what may be repeated.
  const tried = backend.received.length;
  await expect.poll(() => backend.received.length, WAIT).toBeGreaterThanOrEqual(tried + 2);
  expect(await topicStatus(names.paused)).toMatchObject({
    paused_by: ['unhealthy'],
    partitions: before.paused.partitions,
  });
  const ready = await management('/ready');
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { status: 'ready', notes: [`topic ${names.paused} is paused: its backend fails often (on_unhealthy: pause)`] },
  ]);
  expect(await (await management('/metrics')).text()).toContain(
    `processor_paused{topic="${names.paused}",reason="unhealthy"} 1`,
  );
  expect((await ask('/other', names.other)).status).toBe(200);

  const served: string[] = [];
  backend.answer = ({ target }, response) => {
    served.push(target);
    response.end('well');
  };
  const statuses = (await Promise.all(waiting)).map(({ status }) => status);
  expect(statuses).toEqual(waiting.map(() => 200));
  for (const key of KEYS) {
    const ofKey = served.filter((target) => target.startsWith(`/${key}/`));
    expect(ofKey).toEqual(Array.from({ length: EACH }, (_, i) => `/${key}/${i}`));
  }
  expect(served).not.toContain('/late');
  expect(await topicStatus(names.paused)).toMatchObject({ paused: false, paused_by: [], breaker: 'closed' });
  // It may have been in Kafka all the time, and is found when that is read.
  const metrics = async () => await (await management('/metrics')).text();
  await expect.poll(metrics, WAIT).toMatch(new RegExp(`processor_expired_total\\{topic="${names.paused}"\\} [1-9]`));
  // Read to the end, and nobody has left the group, or joined it.
  await expect.poll(async () => (await topicStatus(names.paused)).in_flight, WAIT).toBe(0);
  expect([assigned, revoked]).toEqual([before.assigned, []]);
});

it('leaves what waits to the next processor when this one stops', { timeout: 180_000 }, async () => {
  await breakerOpens();
  const tried = backend.received.length;
  const waiting = KEYS.map((key) => ask(`/next/${key}`, names.paused, { 'x-kafka-key': key }));
  await expect.poll(() => backend.received.length, WAIT).toBeGreaterThan(tried);
  await processor.stop();
  backend.answer = (_request, response) => response.end('well');
  processor = await start();
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(waiting.map(() => 200));
});
