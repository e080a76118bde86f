import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createProducer } from '@kafka-http-proxy/kafka';
import type { Bridge, BrokerUnderTest } from '@kafka-http-proxy/testkit';

/** Longer than what is sent in one record: it streams. */
const STREAM = 3_000_000;
/** Of a request that nobody answers in time, in seconds. */
const SHORT_TIMEOUT = '0.3';

/** What {@link startLoad} calls. */
export interface LoadBackend {
  readonly url: string;
  close(): Promise<void>;
}

/** A backend that answers well, with 500, late, in parts, broken off, or not at all: as its path says. */
export async function startLoadBackend(): Promise<LoadBackend> {
  const server = createServer((request, response) => {
    request.resume();
    const path = request.url ?? '';
    if (path === '/broken') {
      request.socket.destroy();
    } else if (path === '/late') {
      request.once('end', () => setTimeout(() => response.end('late'), 2 * 1000 * Number(SHORT_TIMEOUT)));
    } else if (path === '/cut') {
      response.writeHead(200, { 'Content-Length': 2 * STREAM });
      response.write(Buffer.alloc(STREAM), () => request.socket.destroy());
    } else {
      request.once('end', () => {
        response.statusCode = path === '/500' ? 500 : 200;
        response.end(path === '/stream' ? Buffer.alloc(STREAM) : 'answer');
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => closed(server) };
}

/** Something that goes on until it is told to stop. */
export interface Load {
  stop(): Promise<void>;
}

/**
 * Requests of each kind, a round after another: such that end well, fail, are late, stream, are given up by the client, and
 * records that are no request or no reply.
 */
export async function startLoad(bridge: Bridge, broker: BrokerUnderTest): Promise<Load> {
  const events = { error: () => undefined, log: () => undefined, restarted: () => undefined };
  const { bootstrapServers, properties } = broker;
  const settings = { bootstrapServers, properties, clientId: 'load', maxRecordBytes: 1_000_000, events };
  const producer = await createProducer(settings, { messageTimeoutMs: 10_000 });
  const garbage = (topic: string) =>
    producer.deliver({ topic, partition: null, key: randomUUID(), value: Buffer.from('{'), headers: [] });
  const ask = async (path: string, init: RequestInit = {}) => {
    // What is answered, and whether to the end, is for the dashboards to tell.
    await fetch(`${bridge.origin}${path}`, init).then(
      (response) => response.arrayBuffer().catch(() => undefined),
      () => undefined,
    );
  };
  // No processor reads these, so its proxy gives up; of a late backend, a processor mostly tells first.
  const unread = { 'X-Kafka-Topic': `${bridge.requestTopic}-unread`, 'X-Kafka-Timeout': SHORT_TIMEOUT };
  await garbage(unread['X-Kafka-Topic']);
  let going = true;
  const round = () =>
    Promise.all([
      ...['/', '/', '/', '/500', '/broken', '/stream', '/cut'].map((path) => ask(path)),
      ask('/upload', { method: 'POST', body: Buffer.alloc(STREAM) }),
      ask('/late', { headers: { 'X-Kafka-Timeout': SHORT_TIMEOUT } }),
      ask('/', { headers: unread }),
      ask('/late', { signal: AbortSignal.timeout(50) }),
      garbage(bridge.requestTopic),
      // A proxy reads one partition of it.
      ...Array.from({ length: 4 }, () => garbage(bridge.responseTopic)),
    ]);
  const rounds = (async () => {
    while (going) await round();
  })();
  return {
    async stop() {
      going = false;
      await rounds;
      await producer.close(1000);
    },
  };
}

async function closed(server: Server): Promise<void> {
  const end = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await end;
}
