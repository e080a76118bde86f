import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echo, startBackend } from '../http/scripted-backend.js';
import { hasProgram } from '../machine/has-program.js';
import { freePort } from '../machine/ports.js';
import { startService } from '../services/service-process.js';
import { useBridge } from '../services/use-bridge.js';
import { type Asked, CHROMIUM, type Site, startSite } from './chromium.js';

describe.runIf(hasProgram(CHROMIUM))('a page in Chromium', () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site?.close());
  const stage = useBridge({ backend: startBackend });
  const JSON_POST = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' };

  it('sees why it gets nothing, and not a network error, where it may', async () => {
    stage.backend.answer = (request, response, incoming) => {
      response.setHeader('Access-Control-Allow-Origin', site.origin);
      response.setHeader('Access-Control-Allow-Headers', 'content-type');
      if (request.method === 'OPTIONS') response.writeHead(204).end();
      else echo(request, response, incoming);
    };
    const RATE_LIMIT = JSON.stringify({ by: 'client', requests: 3, window: 3600 });
    const CORS = JSON.stringify({ origins: [site.origin], credentials: true });
    const open = await stage.bridge.startProxy({ RATE_LIMIT, CORS });
    const shut = await stage.bridge.startProxy({ RATE_LIMIT });
    const from = (proxy: { port: number | undefined }, init: Asked['init'] = {}) => ({
      url: `http://127.0.0.1:${proxy.port}/`,
      init,
    });
    // The first is two: its preflight counts.
    for (const [proxy, last] of [
      [open, { status: 429, code: 'rate_limited', retryAfter: expect.stringMatching(/^1(?:200|19\d)$/) }],
      [shut, { error: 'TypeError' }],
    ] as const) {
      const shown = await site.visit([JSON_POST, {}, { credentials: 'include' }].map((init) => from(proxy, init)));
      expect(shown).toEqual([{ status: 200, retryAfter: null }, { status: 200, retryAfter: null }, last]);
    }
  });

  it('sees 503 while Kafka is away: of a request with JSON where its preflight is granted', async () => {
    const KAFKA_BOOTSTRAP_SERVERS = `127.0.0.1:${await freePort()}`;
    const proxyWith = (cors: object | null) =>
      startService('proxy', {
        env: { KAFKA_BOOTSTRAP_SERVERS, PROXY_PORT: '0', ...(cors !== null && { CORS: JSON.stringify(cors) }) },
      });
    const origins = [site.origin];
    const proxies = await Promise.all([proxyWith(null), proxyWith({ origins }), proxyWith({ origins, max_age: 5 })]);
    const asked = proxies.flatMap(({ port }) =>
      [{}, JSON_POST].map((init) => ({ url: `http://127.0.0.1:${port}/`, init })),
    );
    const away = { status: 503, code: 'kafka_unavailable', retryAfter: '1' };
    const nothing = { error: 'TypeError' };
    expect(await site.visit(asked)).toEqual([nothing, nothing, away, nothing, away, away]);
    await Promise.all(proxies.map((proxy) => proxy.stop()));
  });
});
