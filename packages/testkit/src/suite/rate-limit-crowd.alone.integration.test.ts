import { Agent, request } from 'node:http';
import { expect, it } from 'vitest';
import { startBackend } from '../http/scripted-backend.js';
import { useBridge } from '../services/use-bridge.js';

const CLIENTS = 10_000;
const MIB = 1024 * 1024;

const stage = useBridge({
  backend: startBackend,
  proxy: {
    TRUSTED_PROXIES: '127.0.0.1',
    RATE_LIMIT: JSON.stringify({ by: 'client', requests: 2, window: 3600 }),
  },
});
const agent = new Agent({ keepAlive: true, maxSockets: 32 });

/** The status of a request from an address, as the proxy in front says it; `OPTIONS` of no hop is answered by the proxy. */
function ask(address: string, method = 'OPTIONS'): Promise<number> {
  const headers = { 'X-Forwarded-For': address, ...(method === 'OPTIONS' && { 'Max-Forwards': '0' }) };
  return new Promise((resolve, reject) => {
    const sent = request({ port: stage.port, agent, method, headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    });
    sent.once('error', reject).end();
  });
}

/** Has each of 10,000 new clients ask four times, 32 at once. @returns what they got, by status */
async function crowd(network: number): Promise<Record<number, number>> {
  const got: Record<number, number> = {};
  let next = 0;
  const one = async () => {
    for (let i = next++; i < CLIENTS; i = next++) {
      for (let times = 0; times < 4; times++) {
        const status = await ask(`10.${network}.${i >> 8}.${i & 255}`);
        got[status] = (got[status] ?? 0) + 1;
      }
    }
  };
  await Promise.all(Array.from({ length: 32 }, one));
  return got;
}

it('10,000 clients at their limit harm nobody else, and take no more memory the next time', async () => {
  const rss = () => stage.proxy.metric('process_resident_memory_bytes');
  expect(await crowd(1)).toEqual({ 200: 2 * CLIENTS, 429: 2 * CLIENTS });
  const before = await rss();
  let over = false;
  const others: number[] = [];
  const someone = async () => {
    for (let i = 0; !over; i++) others.push(await ask(`192.0.${i >> 8}.${i & 255}`, 'GET'));
  };
  const meanwhile = someone();
  expect(await crowd(2)).toEqual({ 200: 2 * CLIENTS, 429: 2 * CLIENTS });
  over = true;
  await meanwhile;
  expect(others.length).toBeGreaterThan(100);
  expect(others.filter((status) => status !== 200)).toEqual([]);
  // Whoever was at his limit before is at it still.
  expect(await ask('10.1.0.7')).toBe(429);
  expect((await rss()) - before).toBeLessThan(32 * MIB);
  agent.destroy();
}, 180_000);
