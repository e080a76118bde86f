import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { rawExchange, requestBytes } from '../http/raw-http.js';
import { type RawBackend, type ScriptedBackend, startBackend, startRawBackend } from '../http/scripted-backend.js';
import { freePort } from '../machine/ports.js';
import { brokerEnv } from '../services/bridge.js';
import { type Nginx, startNginx } from '../services/nginx.js';
import { type ServiceProcess, startService } from '../services/service-process.js';
import { ask, connectionsTo, lines, names, value } from './nginx-client.js';

/*
 * docker/nginx/nginx.conf as it stands there, in front of two proxies. Only the addresses and the
 * directory for temporary files are this machine's.
 */

const DEFAULT = 'nginx-requests';
const REPLIES = 'nginx-responses';
/** A topic with a backend that no client may reach through nginx. */
const PRIVATE = 'nginx-private-requests';

describe('docker/nginx/nginx.conf', () => {
  const broker = inject('broker');
  const backends = {} as Record<'plain' | 'orders' | 'private', ScriptedBackend>;
  /** Behind /api/users/: takes methods that Node's server does not know. */
  let anything: RawBackend | undefined;
  const ports: number[] = [];
  const proxies: ServiceProcess[] = [];
  let processor: ServiceProcess | undefined;
  let nginx: Nginx | undefined;
  let port: number;

  const startProxy = async (index: number) => {
    const proxy = await startService('proxy', {
      env: {
        ...brokerEnv(broker),
        PROXY_PORT: String(ports[index]),
        MANAGEMENT_PORT: String(await freePort()),
        INSTANCE_ID: `proxy-${index}`,
        DEFAULT_REQUEST_TOPIC: DEFAULT,
        DEFAULT_RESPONSE_TOPIC: REPLIES,
        WARMUP_TOPICS: `${REPLIES},orders-responses,users-responses`,
        MAX_BODY_SIZE: '3000000',
      },
    });
    proxies[index] = proxy;
    await proxy.ready();
  };

  beforeAll(async () => {
    for (const name of ['plain', 'orders', 'private'] as const) {
      backends[name] = await startBackend((received, response) => {
        response.writeHead(200, { 'X-Backend': name, 'X-Method': received.method, Server: 'backend/1' });
        response.end(received.body);
      });
    }
    anything = await startRawBackend((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    ports.push(await freePort(), await freePort());
    const managementPort = await freePort();
    processor = await startService('processor', {
      env: {
        ...brokerEnv(broker),
        KAFKA_TOPICS: [
          `plain:${DEFAULT},${REPLIES},${backends.plain.url}`,
          `orders:orders-requests,orders-responses,${backends.orders.url}`,
          `users:users-requests,users-responses,${anything.url}`,
          `private:${PRIVATE},${REPLIES},${backends.private.url}`,
        ].join(';'),
        HEALTH_CHECK_INTERVAL: '0',
        MANAGEMENT_PORT: String(managementPort),
      },
      managementPort,
    });
    await Promise.all([startProxy(0), startProxy(1), processor.ready()]);

    nginx = await startNginx(ports);
    port = nginx.port;
  }, 120_000);

  afterAll(async () => {
    await nginx?.stop();
    await Promise.all([...proxies, processor].map((service) => service?.stop()));
    await Promise.all(Object.values(backends).map((backend) => backend.close()));
    await anything?.close();
  });

  it.each([
    ['a path of no topic', '/things/1', 'plain'],
    ['a path of a topic', '/api/orders/1', 'orders'],
    ['a path of a topic, written otherwise', '/api//%6Frders/1', 'orders'],
  ] as const)('takes X-Kafka-* of a client away: %s', async (_what, target, backend) => {
    const secret = backends.private.received.length;
    for (const headers of [
      [],
      [`X-Kafka-Topic: ${PRIVATE}`],
      [`x-kafka-topic: ${PRIVATE}`, `X-KAFKA-TOPIC: ${PRIVATE}`, 'Connection: X-Kafka-Topic'],
      [`X_Kafka_Topic: ${PRIVATE}`],
      // Each of these would be refused, or time out, by the proxy.
      ['X-Kafka-Reply-Topic: __consumer_offsets'],
      ['X-Kafka-Timeout: 0.001'],
      ['X-Kafka-Timeout: never'],
      ['X-Kafka-Key: a', 'X-Kafka-Key: b'],
    ]) {
      const response = await rawExchange(port, requestBytes('GET', target, headers));
      expect([headers, response.statusLine]).toEqual([headers, 'HTTP/1.1 200 OK']);
      expect(response.headerLines).toContain(`X-Backend: ${backend}`);
      const received = backends[backend].received.at(-1);
      expect(received?.target).toBe(target);
      // The processor's own: how long the client will wait.
      expect(names(received).filter((name) => name.startsWith('x-kafka-'))).toEqual(['x-kafka-time-left']);
    }
    expect(backends.private.received).toHaveLength(secret);
  });

  it('takes methods of any name, and leaves target, header names and the backend’s own headers as they are', async () => {
    const target = '/a%2Fb/../c;p=1?x=%20&x=+';
    for (const method of ['PURGE', 'PROPFIND', 'DELETE', 'OPTIONS']) {
      const response = await rawExchange(port, requestBytes(method, target, ['x-oDD-Name: 1'], 'body'));
      expect([method, response.statusLine]).toEqual([method, 'HTTP/1.1 200 OK']);
      expect(response.headerLines).toEqual(expect.arrayContaining([`X-Method: ${method}`, 'Server: backend/1']));
      const received = backends.plain.received.at(-1);
      expect(received).toMatchObject({ method, target, body: Buffer.from('body') });
      expect(received?.rawHeaders).toContain('x-oDD-Name');
    }
    const custom = '/api/users/a%2Fb?c=%20';
    for (const method of ['FROB', 'FROB_NICATE', 'FROB-IT']) {
      const response = await rawExchange(port, requestBytes(method, custom, [], 'body'));
      expect([method, response.statusLine]).toEqual([method, 'HTTP/1.1 200 OK']);
      expect(anything?.received.at(-1)).toMatch(`${method} ${custom} HTTP/1.1\r\n`);
    }
    // nginx's own limit.
    expect((await rawExchange(port, requestBytes('frob', custom))).statusLine).toContain('400');
  });

  it('drops names with an underscore, which a backend may take for those that are set here', async () => {
    const twins = ['X_Forwarded_For: 6.6.6.6', 'X_Real_IP: 6.6.6.6', 'X_KAFKA_TOPIC: a', 'X_Request_ID: a', 'a_b: c'];
    const { statusLine } = await rawExchange(port, requestBytes('GET', '/', [...twins, 'X-Kept: 1']));
    expect(statusLine).toBe('HTTP/1.1 200 OK');
    const received = names(backends.plain.received.at(-1));
    expect(received).toContain('x-kept');
    expect(received.filter((name) => name.includes('_'))).toEqual([]);
  });

  it('takes heads of up to 64 KiB, which the proxy judges, and refuses what is longer', async () => {
    const from = backends.plain.received.length;
    const head = (bytes: number) => ['Large: '.padEnd(20_000, 'x'), ...lines((bytes - 20_000) / 100, 100)];
    expect((await rawExchange(port, requestBytes('GET', '/', head(50_000)))).statusLine).toBe('HTTP/1.1 200 OK');
    expect((await rawExchange(port, requestBytes('GET', '/', head(70_000)))).statusLine).toContain(' 400 ');
    // Never more than fits of the shortest lines.
    expect((await rawExchange(port, requestBytes('GET', '/', lines(14_000, 5)))).statusLine).toContain(' 400 ');
    expect(backends.plain.received).toHaveLength(from + 1);
  });

  it('tells the backend who asked, whatever the client claims', async () => {
    const claims = [
      'X-Forwarded-For: 6.6.6.6',
      'X-Real-IP: 6.6.6.6',
      'X-Forwarded-Proto: https',
      'Forwarded: for=6.6.6.6',
    ];
    await rawExchange(port, requestBytes('GET', '/', [...claims, 'X-Forwarded-Host: evil']));
    const received = backends.plain.received.at(-1);
    // The client, and nginx as the proxy's peer.
    expect(value(received, 'x-forwarded-for')).toBe('127.0.0.1, 127.0.0.1');
    expect(value(received, 'x-real-ip')).toBe('127.0.0.1');
    expect(value(received, 'x-forwarded-proto')).toBe('http');
    expect(value(received, 'x-forwarded-host')).toBe('test');
    expect(names(received)).not.toContain('forwarded');
  });

  it('leaves the size of a body to the proxy', async () => {
    const fits = Buffer.alloc(2_500_000, 'x');
    const whole = await rawExchange(port, requestBytes('PUT', '/', [], fits));
    expect(whole.statusLine).toBe('HTTP/1.1 200 OK');
    expect(whole.body.includes(fits.subarray(0, 1000))).toBe(true);
    expect(backends.plain.received.at(-1)?.body.equals(fits)).toBe(true);
    // Without its body: it is refused by what it announces.
    const refused = await rawExchange(port, requestBytes('PUT', '/', ['Content-Length: 3000001']));
    expect(refused.statusLine).toContain(' 413 ');
    expect(refused.body.toString()).toContain('"body_too_large"');
  });

  it('keeps its connections to both proxies', async () => {
    const before = await Promise.all(proxies.map((proxy) => proxy.metric('proxy_requests_total')));
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => ask(port, agent, 'GET', `/keep/${i}`)));
    agent.destroy();
    expect(new Set(answers)).toEqual(new Set(['200']));
    const after = await Promise.all(proxies.map((proxy) => proxy.metric('proxy_requests_total')));
    const shares = after.map((count, i) => count - (before[i] ?? 0));
    expect(shares.reduce((sum, share) => sum + share)).toBe(200);
    expect(Math.min(...shares)).toBeGreaterThan(50);
    // Closed ones stay visible for a minute: without keep-alive there would be one for each request.
    for (const proxyPort of ports) expect(await connectionsTo(proxyPort)).toBeLessThan(40);
  });

  it('answers every request once while one proxy after the other is stopped and started', {
    timeout: 60_000,
  }, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    const from = backends.plain.received.length;
    const outcomes = new Map<string, number>();
    let sent = 0;
    let over = false;
    const client = async (method: string) => {
      while (!over) {
        const outcome = await ask(port, agent, method, `/rolling/${sent++}`);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    };
    const clients = ['GET', 'POST', 'GET', 'POST', 'PUT', 'PATCH', 'POST', 'GET'].map(client);
    for (const index of [0, 1]) {
      await sleep(500);
      expect(await proxies[index]?.stop()).toBe(0);
      await sleep(200);
      await startProxy(index);
      // nginx leaves out a proxy that failed for fail_timeout (2 s).
      while ((await proxies[index]?.metric('proxy_requests_total')) === 0) await sleep(50);
    }
    over = true;
    await Promise.all(clients);
    agent.destroy();
    expect(Object.fromEntries(outcomes)).toEqual({ '200': sent });
    const targets = backends.plain.received.slice(from).map(({ target }) => target);
    expect(targets).toHaveLength(sent);
    expect(new Set(targets).size).toBe(sent);
  });
});
