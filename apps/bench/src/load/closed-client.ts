import { Agent, request } from 'node:http';
import { percentiles } from '../report/percentiles.js';
import type { ClosedLoad, LoadResult } from './load-result.js';

/** A closed loop without wrk. */
export async function role(_job: object) {
  return {
    async run({ url, connections, seconds, bodyBytes, keys, authorization }: ClosedLoad): Promise<LoadResult> {
      const agent = new Agent({ keepAlive: true, maxSockets: connections });
      const body = bodyBytes > 0 ? Buffer.alloc(bodyBytes, 'x') : null;
      let turn = 0;
      const key = () => (keys > 0 ? { 'X-Kafka-Key': String(turn++ % keys) } : {});
      const ask = (): Promise<boolean> =>
        new Promise((resolve) => {
          const headers = {
            ...key(),
            ...(authorization !== undefined && { Authorization: authorization }),
            ...(body && { 'Content-Length': body.length }),
          };
          const outgoing = request(url, { agent, method: body === null ? 'GET' : 'POST', headers });
          outgoing.once('error', () => resolve(false));
          outgoing.once('response', (response) => {
            response.once('end', () => resolve((response.statusCode ?? 0) < 400));
            response.once('error', () => resolve(false));
            response.resume();
          });
          outgoing.end(body ?? undefined);
        });
      const tookMs: number[] = [];
      let failed = 0;
      const startMs = performance.now();
      const endMs = startMs + seconds * 1000;
      const loop = async (): Promise<void> => {
        while (performance.now() < endMs) {
          const sentMs = performance.now();
          if (await ask()) tookMs.push(performance.now() - sentMs);
          else failed++;
        }
      };
      await Promise.all(Array.from({ length: connections }, loop));
      agent.destroy();
      const perSecond = tookMs.length / ((performance.now() - startMs) / 1000);
      return { requests: tookMs.length + failed, failed, perSecond, ...percentiles(tookMs) };
    },
  };
}
