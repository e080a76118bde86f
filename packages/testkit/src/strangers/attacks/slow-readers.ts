import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Arena, Check, Finding, Ground } from '../stage/check.js';
import { complainOf, describeOthers, startOthers } from '../stage/others.js';
import { holds, openSockets } from '../stage/sockets.js';
import { openStack, type Stack, type Tier } from '../stage/stack.js';

const MIB = 1024 * 1024;
/**
 * Most that each tier may hold at its peak, MiB. The proxy: what it holds idle (80), the windows (64), what Kafka's
 * client fetches ahead (16), and about 0.1 for each connection. The processor as it was measured, and a tenth.
 */
const MOST_MIB: Readonly<Record<string, (count: number) => number>> = {
  proxy: (count) => 160 + count / 10,
  processor: () => 350,
};
/** How long they stand there, ms: less than stream_idle_timeout, after which they are cut. */
const STAND_MS = 15_000;

/** A proxy and a processor in containers, and a backend with a long document. */
export interface SlowReaders extends Arena {
  readonly port: number;
}

export async function openSlowReaders({ kafka, container }: Ground): Promise<SlowReaders> {
  // Others have a backend of their own: one that writes 8 MB to each of hundreds is busy with that.
  const [long, small] = await Promise.all([startBackend(), startBackend()]);
  const stack = await openStack({
    kafka,
    container,
    topics: [
      { name: 'plain', backendUrl: long.url },
      { name: 'other', backendUrl: small.url },
    ],
    proxies: [{ topic: 'plain', routes: ['other'] }],
  });
  return {
    stack,
    port: (stack.proxies[0] as Tier).service.port as number,
    async close() {
      await stack.close();
      await Promise.all([long.close(), small.close()]);
    },
  };
}

async function startBackend() {
  const worker = new Worker(new URL('../stage/slow-backend.js', import.meta.url));
  const [port] = await once(worker, 'message');
  return { url: `http://127.0.0.1:${port}`, close: () => worker.terminate() };
}

export const SLOW_READER_CHECKS: readonly Check<SlowReaders>[] = [
  { id: 'slow readers: 300', limitMs: 60_000, run: (arena) => slowReaders(arena, 300) },
  { id: 'slow readers: 900', limitMs: 60_000, run: (arena) => slowReaders(arena, 900) },
];

async function slowReaders({ port, stack }: SlowReaders, count: number): Promise<Finding> {
  const before = startOthers({ port, path: '/other/small' });
  await pause(2000);
  const alone = await before.stop();
  const buffers = watchBuffers(stack);
  const others = startOthers({ port, path: '/other/small', patienceMs: 10_000 });
  const sockets = await openSockets({ port, count, bytes: () => 'GET /long HTTP/1.1\r\nHost: h\r\n\r\n' });
  await pause(STAND_MS);
  const result = await others.stop();
  const most = await buffers.stop();
  sockets.close();
  const proxy = stack.proxies[0] as Tier;
  const freed = await holds(10_000, async () => (await proxy.service.metric('proxy_streams').catch(() => 1)) === 0);
  return {
    came: `buffers at most: proxy ${Math.round(most.proxy)} MiB, processor ${Math.round(most.processor)} MiB`,
    others: `${describeOthers(result)}; ${Math.round(alone.worstMs)} ms before`,
    complaints: [
      ...complainOf(result),
      ...stack
        .tiers()
        .filter(({ name, memory }) => memory.peakMib() > (MOST_MIB[name]?.(count) ?? 0))
        .map(({ name }) => `the ${name} held more than its half for windows explains`),
      ...(freed ? [] : ['streams of those who hung up were still open after 10 s']),
    ],
  };
}

/** The most that each tier had in buffers, MiB, by its own metrics, looked at some times a second. */
function watchBuffers({ proxies, processor }: Stack) {
  const most = { proxy: 0, processor: 0 };
  let over = false;
  const read = async (tier: Tier) => (await tier.service.metric('nodejs_external_memory_bytes').catch(() => 0)) / MIB;
  const looking = (async () => {
    while (!over) {
      const [proxy, held] = await Promise.all([read(proxies[0] as Tier), read(processor)]);
      most.proxy = Math.max(most.proxy, proxy);
      most.processor = Math.max(most.processor, held);
      await pause(250);
    }
  })();
  return {
    async stop() {
      over = true;
      await looking;
      return most;
    },
  };
}
