import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { Page } from '../http/page.js';
import { type Answer, echo, startBackend } from '../http/scripted-backend.js';
import { freePort } from '../machine/ports.js';
import { type ServiceProcess, startService } from '../services/service-process.js';
import { useBridge } from '../services/use-bridge.js';

const SHOP = 'https://shop.example';
const KEY = 'a-key-of-shop';
const NETWORK_ERROR = /^network error/;
const dir = mkdtempSync(join(tmpdir(), 'khp-cors-'));
const file = join(dir, 'keys.yaml');
writeFileSync(file, `shop: ${createHash('sha256').update(KEY).digest('hex')}\n`);
afterAll(() => rmSync(dir, { recursive: true }));

/** A backend that knows what pages are. */
const knowsPages: Answer = (request, response, incoming) => {
  response.setHeader('Access-Control-Allow-Origin', SHOP);
  if (request.method !== 'OPTIONS') {
    echo(request, response, incoming);
    return;
  }
  response.setHeader('Access-Control-Allow-Methods', 'PUT');
  response.setHeader('Access-Control-Allow-Headers', 'content-type, x-api-key');
  response.writeHead(204).end();
};

describe('a page of another origin', () => {
  const stage = useBridge({
    backend: startBackend,
    proxy: {
      AUTH_API_KEYS_FILE: file,
      CORS: JSON.stringify({ origins: [SHOP] }),
      RATE_LIMIT: JSON.stringify({ by: 'principal', requests: 10, window: 3600 }),
    },
    topicKeys: { max_retries: 1 },
  });
  beforeEach(() => {
    stage.backend.answer = knowsPages;
  });
  const page = new Page(SHOP);
  const json = { method: 'PUT', headers: { 'Content-Type': 'application/json', 'X-API-Key': KEY }, body: '{}' };

  it('sees what the backend says, as the backend lets it', async () => {
    const seen = await page.fetch(stage.bridge.origin, json);
    expect([seen.status, seen.body, seen.field('RateLimit')]).toEqual([200, '{}', null]);
    stage.backend.answer = echo;
    await expect(page.fetch(stage.bridge.origin, json)).rejects.toThrow(NETWORK_ERROR);
  });

  it('sees that it has to say who it is, though its preflight said nothing', async () => {
    const { length } = stage.backend.received;
    const seen = await page.fetch(stage.bridge.origin, { method: 'PUT', headers: { 'X-API-Key': 'wrong' } });
    expect([seen.status, JSON.parse(seen.body).code]).toEqual([401, 'unauthenticated']);
    const got = stage.backend.received.slice(length).map(({ method }) => method);
    expect(got).toEqual(['OPTIONS']);
  });

  it('of an origin that is not named sees nothing, and gets nothing past the door', async () => {
    const { length } = stage.backend.received;
    const other = new Page('https://evil.example');
    await expect(other.fetch(stage.bridge.origin)).rejects.toThrow(NETWORK_ERROR);
    await expect(other.fetch(stage.bridge.origin, json)).rejects.toThrow(NETWORK_ERROR);
    expect(stage.backend.received).toHaveLength(length);
  });

  it('sees how long it has to wait', async () => {
    // A principal's own preflights count by address.
    const headers = { 'X-API-Key': KEY };
    let seen = await fetch(stage.bridge.origin, { headers });
    while (seen.status === 200) seen = await fetch(stage.bridge.origin, { headers });
    const limited = await fetch(stage.bridge.origin, { headers: { ...headers, Origin: SHOP } });
    expect(limited.status).toBe(429);
    expect(limited.headers.get('access-control-allow-origin')).toBe(SHOP);
    expect(limited.headers.get('access-control-expose-headers')).toBe('Retry-After, RateLimit, RateLimit-Policy');
  });
});

describe('a page, while the bridge fails', () => {
  const stage = useBridge({
    backend: startBackend,
    topicKeys: { max_retries: 1, timeout: 1 },
    proxy: { CORS: JSON.stringify({ origins: [SHOP], credentials: true, expose: ['X-Request-ID'] }) },
  });
  const page = new Page(SHOP);
  const gone: Answer = (_request, _response, incoming) => incoming.socket.destroy();
  const away = (proxy: Pick<ServiceProcess, 'port'>) => `http://127.0.0.1:${proxy.port}`;

  it('sees that the backend is gone, whoever found it out', async () => {
    stage.backend.answer = gone;
    const seen = await page.fetch(stage.bridge.origin, { credentials: 'include' });
    expect([seen.status, JSON.parse(seen.body).code]).toEqual([502, 'backend_unreachable']);
    expect(seen.field('X-Request-ID')).toBe(JSON.parse(seen.body).correlation_id);
    stage.backend.answer = () => undefined;
    const late = await page.fetch(stage.bridge.origin, { credentials: 'include' });
    expect(JSON.parse(late.body).code).toBe('backend_timeout');
  });

  it('sees that nobody answered in time, and that its request was bad', async () => {
    stage.backend.answer = () => undefined;
    const headers = { 'X-Kafka-Timeout': '0.2' };
    await expect(page.fetch(stage.bridge.origin, { headers })).rejects.toThrow(NETWORK_ERROR);
    const late = await fetch(stage.bridge.origin, { headers: { ...headers, Origin: SHOP } });
    expect([late.status, late.headers.get('access-control-allow-origin')]).toEqual([504, SHOP]);
    const bad = await fetch(stage.bridge.origin, { headers: { 'X-Kafka-Timeout': 'soon', Origin: SHOP } });
    expect([bad.status, bad.headers.get('access-control-allow-origin')]).toEqual([400, SHOP]);
  });

  it('sees the problem of a request with JSON only where its preflight is granted', async () => {
    stage.backend.answer = gone;
    const json = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' };
    await expect(page.fetch(stage.bridge.origin, json)).rejects.toThrow(NETWORK_ERROR);
    const granting = await stage.bridge.startProxy({ CORS: JSON.stringify({ origins: [SHOP], max_age: 5 }) });
    const before = page.preflights;
    const seen = await page.fetch(away(granting), json);
    expect([page.preflights - before, seen.status]).toEqual([1, 502]);
    expect(JSON.parse(seen.body).code).toBe('backend_unreachable');
    await expect(new Page('https://evil.example').fetch(away(granting), json)).rejects.toThrow(NETWORK_ERROR);
  });

  it('sees 503 and not a network error, while Kafka is away', async () => {
    const proxy = await startService('proxy', {
      env: {
        KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${await freePort()}`,
        PROXY_PORT: '0',
        CORS: JSON.stringify({ origins: ['*'], max_age: 0 }),
      },
    });
    const seen = await page.fetch(`http://127.0.0.1:${proxy.port}`, { method: 'DELETE' });
    expect([seen.status, JSON.parse(seen.body).code]).toEqual([503, 'kafka_unavailable']);
    expect(seen.field('Retry-After')).toBe('1');
    await proxy.stop();
  });
});
