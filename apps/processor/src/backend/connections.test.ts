import dns from 'node:dns';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { TopicConfig } from '@kafka-http-proxy/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { gather } from '../testing/call-backend.js';
import { rawBackend } from '../testing/raw-backend.js';
import { backendRequest, topic } from '../testing/samples.js';
import { createBackendPools } from './backend-pools.js';
import { createConnectionAge } from './connection-age.js';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Status and body of what a POST comes to. */
function caller(url: string, keys: Partial<Pick<TopicConfig, 'keep_alive_timeout' | 'max_connection_age'>> = {}) {
  const config = topic({ backend_url: url, ...keys });
  const pools = createBackendPools();
  onTestFinished(() => pools.close());
  return async () => {
    const attempt = await gather(pools.open(config, 1).backend, backendRequest({ method: 'POST', repeatable: false }), {
      maxBodyBytes: 1_000,
    });
    return attempt.kind === 'answer' ? `${attempt.head.status} ${attempt.body}` : attempt.kind;
  };
}

/** A server that answers each request with a text; it ends with the test. */
async function named(text: string, host: string, port = 0): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`));
  });
  server.listen(port, host);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}

/** On a thread of its own: it closes what is idle while this thread is busy. */
const CLOSES_IDLE = `
  const { parentPort, workerData } = require('node:worker_threads');
  const flag = new Int32Array(workerData);
  const server = require('node:net').createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => {
      socket.write('HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok', () =>
        setTimeout(() => socket.end(() => { Atomics.store(flag, 0, 1); Atomics.notify(flag, 0); }), 5));
    });
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

describe('a connection to a backend', () => {
  it('that was closed while this process was busy is not used again, not even for a POST', async () => {
    const shared = new SharedArrayBuffer(4);
    const flag = new Int32Array(shared);
    const worker = new Worker(CLOSES_IDLE, { eval: true, workerData: shared });
    onTestFinished(async () => void (await worker.terminate()));
    const [port] = (await once(worker, 'message')) as [number];
    const call = caller(`http://127.0.0.1:${port}`);
    for (let i = 0; i < 20; i++) {
      Atomics.store(flag, 0, 0);
      expect(await call()).toBe('200 ok');
      Atomics.wait(flag, 0, 0, 5_000);
    }
  });

  it('is kept no longer than keep_alive_timeout', async () => {
    const backend = await rawBackend(OK);
    const call = caller(backend.url, { keep_alive_timeout: 0.05 });
    await call();
    await backend.disconnected;
    await call();
    expect(backend.connections()).toBe(2);
  });

  it.each([1, 3])('is kept a second less than the backend says (Keep-Alive: timeout=%i)', async (seconds) => {
    const backend = await rawBackend(OK.replace('\r\n\r\n', `\r\nKeep-Alive: timeout=${seconds}\r\n\r\n`));
    const call = caller(backend.url, { keep_alive_timeout: 60 });
    await call();
    const before = performance.now();
    await backend.disconnected;
    const keptMs = performance.now() - before;
    expect(keptMs).toBeLessThan(1000 * seconds - 200);
    expect(keptMs).toBeGreaterThanOrEqual(1000 * (seconds - 1) - 500);
  });

  it('is of one request with keep_alive_timeout: 0, and says so', async () => {
    const backend = await rawBackend((socket) => socket.end(OK));
    const call = caller(backend.url, { keep_alive_timeout: 0 });
    for (let i = 0; i < 3; i++) expect(await call()).toBe('200 ok');
    expect(backend.connections()).toBe(3);
    expect(backend.requests[0]).toMatch(/^connection: close\r$/im);
  });

  it('is made again after max_connection_age while requests flow, to where the name is by then', async () => {
    const old = await named('old', '127.0.0.1');
    const { port } = old.address() as AddressInfo;
    await named('new', '127.0.0.2', port);
    let address = '127.0.0.1';
    const lookup = ((_name: string, options: { all?: boolean }, done: (...found: unknown[]) => void) =>
      options.all ? done(null, [{ address, family: 4 }]) : done(null, address, 4)) as typeof dns.lookup;
    vi.spyOn(dns, 'lookup').mockImplementation(lookup);
    onTestFinished(() => void vi.restoreAllMocks());
    const call = caller(`http://moving.test:${port}`, { max_connection_age: 0.2 });
    expect(await call()).toBe('200 old');
    address = '127.0.0.2';
    const before = performance.now();
    let calls = 0;
    while ((await call()) !== '200 new' && performance.now() - before < 5_000) calls++;
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(calls).toBeGreaterThan(1);
  });
});

describe('createConnectionAge', () => {
  it('ends connections between 80 and 100 % of the age, and none where it is 0', () => {
    let now = 0;
    const [age, never] = [createConnectionAge(1_000, () => now), createConnectionAge(0, () => now)];
    const sockets = Array.from({ length: 50 }, () => ({}) as Socket);
    for (const socket of sockets) {
      age.watch(socket);
      never.watch(socket);
    }
    const over = (at: number) => {
      now = at;
      return sockets.filter((socket) => age.isOver(socket)).length;
    };
    expect(over(799)).toBe(0);
    expect(over(900)).toSatisfy((count: number) => count > 0 && count < 50);
    expect(over(1_000)).toBe(50);
    expect(sockets.some((socket) => never.isOver(socket))).toBe(false);
  });
});
