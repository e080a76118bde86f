import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createInboxReader,
  createProducer,
  ensureTopics,
  type KafkaRecord,
  type KafkaSettings,
  type RecordProducer,
} from '@kafka-http-proxy/kafka';
import {
  decodeInbox,
  encodeRequest,
  type ReplyAddress,
  type ReplyEnvelope,
  type RequestEnvelope,
} from '@kafka-http-proxy/protocol';
import { createLogger, createRegistry } from '@kafka-http-proxy/service';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { type RunningProcessor, startProcessor } from './start.js';
import { closedPort } from './testing/raw-backend.js';
import { config, request, topic } from './testing/samples.js';

const broker = inject('broker');
const run = randomUUID().slice(0, 8);
const names = {
  requests: `${run}-requests`,
  refused: `${run}-refused`,
  replies: `${run}-replies`,
  dead: `${run}-dead`,
};
const settings: KafkaSettings = {
  bootstrapServers: broker.bootstrapServers,
  clientId: 'processor-test',
  properties: broker.properties,
  maxRecordBytes: 1_000_000,
  events: { error() {}, log() {}, restarted() {} },
};

const replies = new Map<string, ReplyEnvelope>();
const letters: KafkaRecord[] = [];
const hits = new Map<string, number>();
let handle: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => response.end('ok');
const server = createServer((incoming, response) => {
  const url = incoming.url as string;
  hits.set(url, (hits.get(url) ?? 0) + 1);
  handle(incoming, response);
});
let producer: RecordProducer;
let reader: Awaited<ReturnType<typeof createInboxReader>>;
let address: ReplyAddress;
let backendUrl: string;
let processor: RunningProcessor;
let count = 0;

async function start(): Promise<RunningProcessor> {
  const group = `${run}-group`;
  const started = await startProcessor(
    config({
      kafka: { bootstrap_servers: broker.bootstrapServers, properties: broker.properties, topic_partitions: 2 },
      topics: [
        topic({
          request_topic: names.requests,
          response_topic: names.replies,
          backend_url: backendUrl,
          consumer_group: group,
        }),
        topic({
          request_topic: names.refused,
          response_topic: names.replies,
          backend_url: `http://127.0.0.1:${await closedPort()}`,
          consumer_group: group,
          max_retries: 1,
        }),
      ],
      dead_letter_topic: names.dead,
      shutdown_grace: 10,
    }),
    {
      logger: createLogger({ name: 'processor', level: 'silent' }),
      registry: createRegistry({ name: 'processor', version: '0' }),
    },
  );
  await vi.waitFor(() => expect(started.ready()).toMatchObject({ ready: true, notes: [] }), { timeout: 30_000 });
  return started;
}

/** Publishes a request; returns its correlation id. */
async function send(change: Partial<RequestEnvelope>, to = names.requests): Promise<string> {
  const correlationId = `${run}-${count++}`;
  const { value, headers } = encodeRequest(
    request({ correlationId, reply: address, deadlineMs: Date.now() + 30_000, ...change }),
  );
  await producer.deliver({ topic: to, partition: null, key: correlationId, value, headers });
  return correlationId;
}

async function replyTo(id: string): Promise<ReplyEnvelope> {
  await vi.waitFor(() => expect(replies.has(id)).toBe(true), { timeout: 20_000, interval: 10 });
  return replies.get(id) as ReplyEnvelope;
}

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  backendUrl = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  producer = await createProducer(settings, { messageTimeoutMs: 10_000 });
  await ensureTopics(settings, [names.replies, names.dead], {
    partitions: 2,
    replicationFactor: -1,
    timeoutMs: 30_000,
  });
  reader = await createInboxReader({
    settings,
    producer,
    choosePartitions: (name, partitions) =>
      name === names.dead ? Array.from({ length: partitions }, (_, i) => i) : [1],
    onRecord(record) {
      if (record.topic === names.dead) letters.push(record);
      const read = decodeInbox(record);
      if (record.topic === names.replies && read.ok && read.value.kind === 'reply') {
        replies.set(read.value.reply.correlationId, read.value.reply);
      }
    },
  });
  address = await reader.open(names.replies);
  await reader.open(names.dead);
  processor = await start();
});

afterAll(async () => {
  await processor?.stop();
  await reader?.close();
  await producer?.close(1_000);
  server.close();
});

describe('a processor on a broker', () => {
  it('carries a request to the backend and its answer to the partition that asked, byte for byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    handle = (incoming, response) => {
      response.writeHead(201, 'Made Up', ['Set-Cookie', 'a=1', 'X-Raw', 'caf\xe9', 'set-cookie', 'b=2']);
      incoming.pipe(response);
    };
    const reply = await replyTo(await send({ method: 'POST', target: '/%2e//x?y=1&y=2', body: bytes }));
    expect(hits.get('/%2e//x?y=1&y=2')).toBe(1);
    expect(reply).toMatchObject({ status: 201, reason: 'Made Up', error: null, body: bytes });
    expect(reply.headers.slice(0, 6)).toEqual(['Set-Cookie', 'a=1', 'X-Raw', 'caf\xe9', 'set-cookie', 'b=2']);
  });

  it('answers many at once', async () => {
    handle = (incoming, response) => void response.end(incoming.url);
    const ids = await Promise.all(Array.from({ length: 300 }, (_, i) => send({ target: `/many/${i}` })));
    const bodies = await Promise.all(ids.map(async (id) => (await replyTo(id)).body?.toString()));
    expect(bodies).toEqual(ids.map((_, i) => `/many/${i}`));
  });

  it('answers at once for a backend that is not there, and keeps the request in the dead-letter topic', async () => {
    const id = await send({ method: 'POST', body: Buffer.from([0, 255]) }, names.refused);
    expect(await replyTo(id)).toMatchObject({ status: 502, error: 'backend_unreachable' });
    const letter = await vi.waitFor(
      () => {
        const found = letters.find(({ key }) => key?.toString() === id);
        expect(found).toBeDefined();
        return found as KafkaRecord;
      },
      { timeout: 10_000 },
    );
    expect(letter.value).toEqual(Buffer.from([0, 255]));
    const error = JSON.parse(String(letter.headers.at(-1)?.['khp-error']));
    expect(error).toMatchObject({ code: 'backend_unreachable', topic: names.refused, group: `${run}-group` });
    expect(error).toMatchObject({ sent: 'no', status: 502 });
  });

  it('goes on after a restart where it stopped: nothing lost, nothing done twice', async () => {
    handle = (_incoming, response) => void response.end('ok');
    await replyTo(await send({ target: '/before' }));
    await processor.stop();
    const id = await send({ target: '/between' });
    processor = await start();
    await replyTo(id);
    await replyTo(await send({ target: '/after' }));
    expect([hits.get('/before'), hits.get('/between'), hits.get('/after')]).toEqual([1, 1, 1]);
  });

  it('leaves a request that a stop cut off to the next processor', async () => {
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    handle = () => arrived();
    const id = await send({ target: '/cut', deadlineMs: Date.now() + 50_000 });
    await arrival;
    await processor.stop();
    handle = (_incoming, response) => void response.end('second time');
    processor = await start();
    expect((await replyTo(id)).body?.toString()).toBe('second time');
    expect(hits.get('/cut')).toBe(2);
  });
});
