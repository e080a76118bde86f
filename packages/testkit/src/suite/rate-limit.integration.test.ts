import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { RawClient } from '../http/raw-client.js';
import { startBackend } from '../http/scripted-backend.js';
import type { ServiceProcess } from '../services/service-process.js';
import { useBridge } from '../services/use-bridge.js';

const dir = mkdtempSync(join(tmpdir(), 'khp-rate-'));
const file = join(dir, 'keys.json');
const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');
const desk = { sha256: [sha256('key-of-desk'), sha256('second')] };
writeFileSync(file, JSON.stringify({ shop: sha256('key-of-shop'), desk }));
afterAll(() => rmSync(dir, { recursive: true }));

const stage = useBridge({ backend: startBackend });
/** A window that does not go on while a test runs. */
const HOUR = 3600;
const json = JSON.stringify;

/** Starts a proxy; what is returned sends requests to it. */
async function proxyWith(env: Record<string, string>) {
  const proxy = await stage.bridge.startProxy(env);
  const send = (headers: Record<string, string> = {}, path = '/') =>
    fetch(`http://127.0.0.1:${proxy.port}${path}`, { headers });
  /** Statuses of as many requests, one after the other. */
  const statuses = async (count: number, headers: Record<string, string> = {}, path = '/') => {
    const got: number[] = [];
    for (let i = 0; i < count; i++) got.push((await send(headers, path)).status);
    return got;
  };
  return { proxy, send, statuses };
}

const limited = (proxy: ServiceProcess, route: string) => proxy.metric('proxy_rate_limited_total', { route });

describe('a client at its limit', () => {
  it('is told when to come again, and then it is taken', async () => {
    const { proxy, send } = await proxyWith({ RATE_LIMIT: json({ by: 'client', requests: 2, window: 2 }) });
    const first = await send();
    expect([first.headers.get('ratelimit-policy'), first.headers.get('ratelimit')]).toEqual([
      '"default";q=2;w=2',
      '"default";r=1;t=1',
    ]);
    let answer = first;
    let taken = 0;
    for (; answer.status === 200; answer = await send()) taken++;
    expect(taken).toBeGreaterThanOrEqual(2);
    expect(answer.status).toBe(429);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      code: 'rate_limited',
      'violated-policies': ['default'],
    });
    const seconds = answer.headers.get('retry-after');
    expect(seconds).toBe('1');
    expect(answer.headers.get('ratelimit')).toBe(`"default";r=0;t=${seconds}`);
    // What the client was told is the time that this is about.
    await setTimeout(Number(seconds) * 1000);
    expect((await send()).status).toBe(200);
    expect(await limited(proxy, 'default')).toBeGreaterThanOrEqual(1);
    expect(await proxy.metric('proxy_errors_total', { code: 'rate_limited' })).toBe(await limited(proxy, 'default'));
  });

  it('is one by route: its own, the common one, or none', async () => {
    const topics = { request_topic: stage.bridge.requestTopic, response_topic: stage.bridge.responseTopic };
    const own = { by: 'client', requests: 1, window: HOUR };
    const { proxy, statuses } = await proxyWith({
      RATE_LIMIT: json({ by: 'client', requests: 2, window: HOUR }),
      ROUTES: json([
        { path: '/own', ...topics, rate_limit: own },
        { path: '/none', ...topics, rate_limit: 'none' },
        { path: '/common', ...topics },
      ]),
    });
    expect(await statuses(2, {}, '/own/1')).toEqual([200, 429]);
    expect(await statuses(2, {}, '/common')).toEqual([200, 200]);
    expect(await statuses(1, {}, '/elsewhere')).toEqual([429]);
    expect(await statuses(3, {}, '/none')).toEqual([200, 200, 200]);
    expect([await limited(proxy, '/own'), await limited(proxy, 'default')]).toEqual([1, 1]);
    // Nor does the name of a topic lead round the limit of its routes.
    expect(await statuses(1, { 'X-Kafka-Topic': topics.request_topic }, '/none')).toEqual([429]);
  });

  it('is one by principal, whichever of its keys it shows; who shows a bad one uses up what his address has', async () => {
    const { statuses } = await proxyWith({
      AUTH_API_KEYS_FILE: file,
      RATE_LIMIT: json({ by: 'principal', requests: 2, window: HOUR }),
    });
    const bad = await statuses(3, { 'X-API-Key': 'key-of-nobody' });
    expect(bad).toEqual([401, 401, 429]);
    expect(await statuses(1)).toEqual([429]);
    expect(await statuses(1, { 'X-API-Key': 'key-of-desk' })).toEqual([200]);
    expect(await statuses(2, { 'X-API-Key': 'second' })).toEqual([200, 429]);
    expect(await statuses(3, { 'X-API-Key': 'key-of-shop' })).toEqual([200, 200, 429]);
  });

  it('is one by the value of a header, however long', async () => {
    const { statuses } = await proxyWith({ RATE_LIMIT: json({ by: 'header:X-Tenant', requests: 1, window: HOUR }) });
    const long = 'x'.repeat(10_000);
    expect(await statuses(2, { 'X-Tenant': `${long}1` })).toEqual([200, 429]);
    expect(await statuses(2, { 'X-Tenant': `${long}2` })).toEqual([200, 429]);
    expect(await statuses(2)).toEqual([200, 429]);
    expect(await statuses(1, { 'X-Tenant': '' })).toEqual([429]);
  });

  it('is the address that a trusted proxy tells of, and of nobody else', async () => {
    const RATE_LIMIT = json({ by: 'client', requests: 1, window: HOUR });
    const trusting = await proxyWith({ RATE_LIMIT, TRUSTED_PROXIES: '127.0.0.1' });
    for (const address of ['192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8:0:1::1']) {
      expect(await trusting.statuses(1, { 'X-Forwarded-For': address })).toEqual([200]);
    }
    // One more of a /64 is the same client.
    expect(await trusting.statuses(1, { 'X-Forwarded-For': '2001:db8::2' })).toEqual([429]);
    const other = await proxyWith({ RATE_LIMIT, TRUSTED_PROXIES: '192.0.2.0/24' });
    expect(await other.statuses(1, { 'X-Forwarded-For': '192.0.2.1' })).toEqual([200]);
    expect(await other.statuses(1, { 'X-Forwarded-For': '192.0.2.2' })).toEqual([429]);
  });

  it('has its answer before the body is asked for', async () => {
    const { proxy, statuses } = await proxyWith({ RATE_LIMIT: json({ by: 'client', requests: 1, window: HOUR }) });
    expect(await statuses(1)).toEqual([200]);
    const { length } = stage.backend.received;
    const client = await RawClient.dial(proxy.port as number);
    client.send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n');
    expect(await client.until(/\}$/)).toMatch(/^HTTP\/1\.1 429 /);
    client.close();
    expect(stage.backend.received).toHaveLength(length);
  });
});
