import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { percentiles } from '../report/percentiles.js';
import type { LoadResult } from './load-result.js';

/**
 * A client that asks at a constant rate whatever the answers do. Times count from when a request was
 * due, so that one that waits is not left out of the figures of those behind it.
 */
export async function role({ origin }: { readonly origin: string }) {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const ask = (): Promise<boolean> =>
    new Promise((resolve) => {
      const outgoing = request(`${origin}/small`, { agent });
      outgoing.once('error', () => resolve(false));
      outgoing.once('response', (response) => {
        response.once('end', () => resolve(response.statusCode === 200));
        response.once('error', () => resolve(false));
        response.resume();
      });
      outgoing.end();
    });
  return {
    async run(perSecond: number, seconds: number): Promise<LoadResult> {
      const startMs = performance.now();
      const work: Promise<{ ok: boolean; tookMs: number }>[] = [];
      for (let i = 0; i < perSecond * seconds; i++) {
        const dueMs = startMs + (i * 1000) / perSecond;
        const waitMs = dueMs - performance.now();
        if (waitMs > 0) await pause(waitMs);
        work.push(ask().then((ok) => ({ ok, tookMs: performance.now() - dueMs })));
      }
      const all = await Promise.all(work);
      const good = all.filter(({ ok }) => ok);
      return {
        requests: all.length,
        failed: all.length - good.length,
        perSecond: good.length / ((performance.now() - startMs) / 1000),
        ...percentiles(good.map(({ tookMs }) => tookMs)),
      };
    },
  };
}
