import { Agent, request as httpRequest } from 'node:http';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { type Bridge, startBridge } from '../services/bridge.js';

let backend: ScriptedBackend;
let bridge: Bridge;
afterEach(async () => {
  await bridge?.close();
  await backend?.close();
});

/** Sends requests one after the other on one connection, until the connection is closed by the server or refused. */
async function client(port: number, outcomes: string[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let go = true; go; ) {
    go = await new Promise<boolean>((resolve) => {
      const request = httpRequest({ port, host: '127.0.0.1', agent, method: 'POST' }, (response) => {
        response.resume();
        response.on('end', () => {
          outcomes.push(String(response.statusCode));
          resolve(response.headers.connection !== 'close');
        });
        response.on('error', (error) => {
          outcomes.push(`broken: ${error.message}`);
          resolve(false);
        });
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        // No listener any more: this request was not accepted.
        outcomes.push(error.code === 'ECONNREFUSED' ? 'refused' : `error: ${error.code}`);
        resolve(false);
      });
      request.end('x');
    });
  }
  agent.destroy();
}

describe('SIGTERM under load', () => {
  it('to a proxy: all that was accepted is answered, and it exits with 0', async () => {
    backend = await startBackend();
    backend.answer = (_request, response) => setTimeout(() => response.end('ok'), 20);
    bridge = await startBridge({ broker: inject('broker'), backendUrl: backend.url });
    const proxy = bridge.proxies[0];
    if (!proxy) throw new Error('no proxy');
    const outcomes: string[] = [];
    const clients = Promise.all(Array.from({ length: 50 }, () => client(proxy.port as number, outcomes)));
    await expect.poll(() => outcomes.length, { timeout: 20_000 }).toBeGreaterThan(200);
    expect(await proxy.stop()).toBe(0);
    await clients;
    expect(outcomes.filter((outcome) => outcome !== '200' && outcome !== 'refused')).toEqual([]);
    expect(outcomes.filter((outcome) => outcome === '200').length).toBeGreaterThan(200);
  });

  it('twice within a millisecond, as a process group gets it: one stop, what is pending is answered, exit 0', async () => {
    backend = await startBackend();
    const arrived = new Promise<() => void>((resolve) => {
      backend.answer = (_request, response) => resolve(() => void response.end('late'));
    });
    bridge = await startBridge({ broker: inject('broker'), backendUrl: backend.url });
    const proxy = bridge.proxies[0];
    if (!proxy) throw new Error('no proxy');
    const response = fetch(bridge.origin, { method: 'POST', body: 'x' });
    const answer = await arrived;
    proxy.child.kill('SIGTERM');
    proxy.child.kill('SIGTERM');
    proxy.child.kill('SIGINT');
    await expect.poll(() => proxy.log.some(({ msg }) => String(msg).includes(': stopping'))).toBe(true);
    answer();
    expect((await response).status).toBe(200);
    expect(await (await response).text()).toBe('late');
    expect(await proxy.exited).toBe(0);
  });

  it('to a processor: what it took is answered, the rest waits for the next one', async () => {
    backend = await startBackend();
    backend.answer = (_request, response) => setTimeout(() => response.end('ok'), 20);
    bridge = await startBridge({ broker: inject('broker'), backendUrl: backend.url });
    const statuses: number[] = [];
    let stop = false;
    const clients = Promise.all(
      Array.from({ length: 20 }, async () => {
        while (!stop) statuses.push((await fetch(bridge.origin, { method: 'POST', body: 'x' })).status);
      }),
    );
    await expect.poll(() => statuses.length, { timeout: 20_000 }).toBeGreaterThan(100);
    expect(await bridge.processor.stop()).toBe(0);
    await bridge.startProcessor();
    const seen = statuses.length;
    await expect.poll(() => statuses.length, { timeout: 25_000 }).toBeGreaterThan(seen + 100);
    stop = true;
    await clients;
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    // Each was carried out once: nothing was given up half-way and done again.
    expect(backend.received.length).toBe(statuses.length);
  });

  it('with a request that does not end: it is told 503 before the grace is over', async () => {
    backend = await startBackend();
    const arrived = new Promise<void>((resolve) => {
      backend.answer = () => resolve();
    });
    bridge = await startBridge({
      broker: inject('broker'),
      backendUrl: backend.url,
      proxy: { SHUTDOWN_GRACE: '2' },
      processor: { SHUTDOWN_GRACE: '1' },
    });
    const response = fetch(bridge.origin);
    await arrived;
    expect(await bridge.proxies[0]?.stop()).toBe(0);
    expect((await response).status).toBe(503);
    expect(await (await response).json()).toMatchObject({ code: 'shutting_down' });
  });
});
