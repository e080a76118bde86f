import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { createConnection } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createRegistry } from '../metrics/registry.js';
import { type Listening, listen } from './listen.js';
import { createManagementApp, type ManagementOptions } from './management-app.js';
import { registerReadinessGauge } from './readiness-gauge.js';

const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close(0)));
});

async function serve(options: Partial<ManagementOptions> = {}): Promise<string> {
  const registry = createRegistry({ name: 'test', version: '1' });
  const app = createManagementApp({ registry, ready: () => ({ ready: true, reasons: [] }), ...options });
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  open.push(server);
  return `http://127.0.0.1:${server.port}`;
}

describe('the management app', () => {
  it('answers /health as 1.0.1 did', async () => {
    const response = await fetch(`${await serve()}/health`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
    expect(response.headers.get('x-powered-by')).toBeNull();
  });

  it('answers /ready with what is at the moment', async () => {
    let reasons = ['Kafka cannot be reached'];
    const url = await serve({ ready: () => ({ ready: reasons.length === 0, reasons }) });
    const before = await fetch(`${url}/ready`);
    expect([before.status, await before.json()]).toEqual([503, { status: 'not_ready', reasons }]);
    reasons = [];
    const after = await fetch(`${url}/ready`);
    expect([after.status, await after.json()]).toEqual([200, { status: 'ready' }]);
  });

  it('says to the public whether it is ready, and not why', async () => {
    const reasons = ['broker b:9093 refuses the SCRAM-SHA-512 login of proxy'];
    let ready = false;
    const url = await serve({ isPublic: true, ready: () => ({ ready, reasons, notes: ['control_topic t'] }) });
    const before = await fetch(`${url}/ready`);
    expect([before.status, await before.json()]).toEqual([503, { status: 'not_ready' }]);
    ready = true;
    const after = await fetch(`${url}/ready`);
    expect([after.status, await after.json()]).toEqual([200, { status: 'ready' }]);
  });

  it('tells in /ready what is amiss though it is ready', async () => {
    const notes = ['control_topic cannot be written to'];
    const response = await fetch(`${await serve({ ready: () => ({ ready: true, reasons: [], notes }) })}/ready`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ready', notes }]);
  });

  it('says in /metrics what /ready says at the moment', async () => {
    const registry = createRegistry({ name: 'test', version: '1' });
    let isReady = false;
    const ready = () => ({ ready: isReady, reasons: isReady ? [] : ['Kafka cannot be reached'] });
    registerReadinessGauge(registry, 'test', ready);
    const url = await serve({ registry, ready });
    const told = async () => /^test_ready (.*)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1];
    expect([(await fetch(`${url}/ready`)).status, await told()]).toEqual([503, '0']);
    isReady = true;
    expect([(await fetch(`${url}/ready`)).status, await told()]).toEqual([200, '1']);
  });

  it('answers /metrics for Prometheus', async () => {
    const response = await fetch(`${await serve()}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await response.text()).toContain('kafka_http_proxy_build_info');
  });

  it('answers HEAD without a body', async () => {
    const response = await fetch(`${await serve()}/metrics`, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });

  it('has the routes that were added', async () => {
    const url = await serve({
      extra: (app) => app.get('/status', (_request, response) => void response.json({ a: 1 })),
    });
    expect(await (await fetch(`${url}/status`)).json()).toEqual({ a: 1 });
  });

  it('answers an unknown path and another method with a problem', async () => {
    const url = await serve();
    const missing = await fetch(`${url}/nothing`);
    expect(missing.headers.get('content-type')).toBe('application/problem+json');
    expect(await missing.json()).toMatchObject({ status: 404, title: 'Not Found' });
    const posted = await fetch(`${url}/health`, { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('answers a failure with a problem that keeps the cause for the log', async () => {
    const onError = vi.fn();
    const boom = new Error('inside');
    const url = await serve({
      onError,
      ready: () => {
        throw boom;
      },
    });
    const response = await fetch(`${url}/ready`);
    const text = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([500, 'application/problem+json']);
    expect(text).not.toContain('inside');
    expect(onError).toHaveBeenCalledExactlyOnceWith(boom);
  });
});

describe('listen', () => {
  it('says which port is in use and which key it comes from', async () => {
    const first = await listen(() => {}, { host: '127.0.0.1', port: 0 });
    open.push(first);
    const second = listen(() => {}, { host: '127.0.0.1', port: first.port, key: 'port' });
    await expect(second).rejects.toThrow(
      `cannot listen on port ${first.port} of 127.0.0.1 (port): the port is in use already`,
    );
  });

  it('takes a server of one’s own', async () => {
    const server = createServer((_request, response) => response.end('mine'));
    const listening = await listen(server, { host: '127.0.0.1', port: 0 });
    open.push(listening);
    expect(await (await fetch(`http://127.0.0.1:${listening.port}`)).text()).toBe('mine');
  });

  it('waits for open requests when it closes, and takes no more', async () => {
    const server = createServer();
    const listening = await listen(server, { host: '127.0.0.1', port: 0 });
    const sent = request({ port: listening.port, host: '127.0.0.1' }).end();
    const [, answer] = await once(server, 'request');
    const closed = listening.close(60_000);
    await expect(fetch(`http://127.0.0.1:${listening.port}`)).rejects.toThrow('fetch failed');
    answer.end('done');
    const [response] = await once(sent, 'response');
    response.resume();
    await closed;
    expect(response.statusCode).toBe(200);
  });

  it('cuts what is still open when the grace is over', async () => {
    const listening = await listen(() => {}, { host: '127.0.0.1', port: 0 });
    const socket = createConnection(listening.port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'connect');
    const cut = once(socket, 'close');
    socket.resume();
    await listening.close(20);
    await cut;
  });
});
