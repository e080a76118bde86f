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
      const requests = Math.floor(perSecond * seconds);
      // A number each: of ten minutes there are millions.
      const tookMs = new Float64Array(requests);
      const work = new Set<Promise<void>>();
      let good = 0;
      for (let i = 0; i < requests; i++) {
        const dueMs = startMs + (i * 1000) / perSecond;
        const waitMs = dueMs - performance.now();
        if (waitMs > 0) await pause(waitMs);
        const asked = ask().then((ok) => {
          work.delete(asked);
          if (ok) tookMs[good++] = performance.now() - dueMs;
        });
        work.add(asked);
      }
      await Promise.all(work);
      return {
        requests,
        failed: requests - good,
        perSecond: good / ((performance.now() - startMs) / 1000),
        ...percentiles(tookMs.subarray(0, good)),
      };
    },
  };
}
