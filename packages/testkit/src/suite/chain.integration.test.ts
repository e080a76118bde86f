import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { freePort } from '../machine/ports.js';
import { type Bridge, type BridgeOptions, startBridge } from '../services/bridge.js';

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function bridge(options: Omit<BridgeOptions, 'broker'>): Promise<Bridge> {
  const made = await startBridge({ broker: inject('broker'), ...options });
  closing.push(() => made.close());
  return made;
}

/** Hands connections to ports in turn, as a balancer does. */
async function startBalancer(ports: () => number[]): Promise<string> {
  let turn = 0;
  const server: Server = createServer((socket) => {
    const all = ports();
    const to = connect(all[turn++ % all.length] as number, '127.0.0.1');
    for (const side of [socket, to]) side.on('error', () => side.destroy());
    socket.pipe(to).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const requests = async (of: Bridge) => {
  const counts = await Promise.all(of.proxies.map((proxy) => proxy.metric('proxy_requests_total')));
  return counts.reduce((sum, count) => sum + count, 0);
};

describe('a backend_url that leads back', () => {
  it('to the proxy is 508 the second time a GET or a POST comes by', async () => {
    const port = await freePort();
    const loop = await bridge({ backendUrl: `http://127.0.0.1:${port}`, proxy: { PROXY_PORT: String(port) } });
    for (const [already, method] of ['GET', 'POST'].entries()) {
      const response = await fetch(`${loop.origin}/round`, { method });
      expect([method, response.status]).toEqual([method, 508]);
      expect(await response.json()).toMatchObject({ code: 'loop_detected', status: 508 });
      expect(await requests(loop)).toBe(2 * (already + 1));
      expect(await loop.processor.metric('processor_messages_in_flight')).toBe(0);
    }
  });

  it('to three proxies behind a balancer, or to one that does not look, is 508 as soon as one tier knows its mark', async () => {
    let ports: number[] = [];
    const loop = await bridge({ backendUrl: await startBalancer(() => ports), proxy: { VIA: 'off' } });
    await Promise.all([loop.startProxy(), loop.startProxy()]);
    ports = loop.proxies.map(({ port }) => port as number);
    const response = await fetch(`${loop.origin}/round`);
    expect(response.status).toBe(508);
    expect(await response.json()).toMatchObject({ code: 'loop_detected', status: 508 });
    // The one processor sees it in its second lap.
    expect(await requests(loop)).toBe(2);
  });

  it('to proxies that share a name is 508 at the first of them, whoever sent it on', async () => {
    let ports: number[] = [];
    const named = { both: { VIA: 'edge' }, processor: { VIA: 'off' } };
    const loop = await bridge({ backendUrl: await startBalancer(() => ports), ...named });
    const other = await loop.startProxy();
    ports = [other.port as number];
    expect((await fetch(`${loop.origin}/round`)).status).toBe(508);
    expect(await requests(loop)).toBe(2);
    expect(await other.metric('proxy_errors_total', { code: 'loop_detected' })).toBe(1);
  });
});

describe('a chain of two bridges', () => {
  let backend: ScriptedBackend;
  let outer: Bridge;
  const chained: Bridge[] = [];
  beforeAll(async () => {
    backend = await startBackend();
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    const made = await Promise.all([
      startBridge({ broker: inject('broker'), backendUrl: backend.url, proxy: { PROXY_PORT: String(port) } }),
      startBridge({ broker: inject('broker'), backendUrl: origin }),
    ]);
    outer = made[1];
    chained.push(...made);
  });
  afterAll(async () => {
    await Promise.all(chained.map((one) => one.close()));
    await backend?.close();
  });
  beforeEach(() => {
    backend.received.length = 0;
  });
  const fields = (name: string) => {
    const raw = backend.received[0]?.rawHeaders ?? [];
    return raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === name);
  };

  it('works; Via says who handed it on, and the time that is left gets less', async () => {
    backend.answer = (_request, response) => response.end('fine');
    const headers = { Via: '1.1 client', 'X-Kafka-Timeout': '9' };
    const response = await fetch(`${outer.origin}/far`, { headers });
    expect([response.status, await response.text()]).toEqual([200, 'fine']);
    expect(fields('via')).toEqual([
      '1.1 client',
      expect.stringMatching(/^1\.1 kafka-proxy-[\w-]+$/),
      expect.stringMatching(/^KHP\/2 kafka-processor-[\w-]+$/),
      expect.stringMatching(/^1\.1 kafka-proxy-[\w-]+$/),
      expect.stringMatching(/^KHP\/2 kafka-processor-[\w-]+$/),
    ]);
    const [left, ...more] = fields('x-kafka-time-left').map(Number);
    expect(more).toEqual([]);
    // Below what the client gave; the inner proxy's own timeout is 30 s.
    expect(left).toBeLessThan(9);
    expect(left).toBeGreaterThan(0);
  });

  it('withdraws a request from the last backend when its client leaves', async () => {
    const arrived: IncomingMessage[] = [];
    backend.answer = (_request, _response, incoming) => void arrived.push(incoming);
    const leaving = new AbortController();
    const asked = fetch(`${outer.origin}/slow`, { signal: leaving.signal });
    await expect.poll(() => arrived.length).toBe(1);
    const gone = once((arrived[0] as IncomingMessage).socket, 'close');
    leaving.abort();
    await expect(asked).rejects.toThrow();
    // Long before any deadline, which are 30 s away.
    expect(
      await Promise.race([
        gone.then(() => 'gone'),
        new Promise((resolve) => setTimeout(resolve, 15_000, 'still there')),
      ]),
    ).toBe('gone');
  });
});
