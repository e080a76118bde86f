import { createServer } from 'node:http';
import { closeServer, listen } from '../../http/http-server.js';
import { type HoldingBackend, startHoldingBackend } from './backends.js';
import type { Arena, Ground } from './check.js';
import { complainOf, describeOthers, type Others, type OthersOptions, startOthers } from './others.js';
import { openStack, type StackOptions, type Tier } from './stack.js';

/** One proxy that serves several topics, as several teams share one; both tiers in a container. */
export interface Shared extends Arena {
  readonly port: number;
  /** Behind `/hang` and `/records`: it answers nothing until it is told to. */
  readonly hanging: HoldingBackend;
  /** Starts clients of a topic that is not attacked. */
  others(options?: Partial<OthersOptions>): Others;
  /** A number of the proxy's metrics; NaN when it does not answer. */
  proxyMetric(name: string): Promise<number>;
}

/** Bytes of `/doc`. */
const DOCUMENT = Buffer.alloc(900_000, 'd');

export async function openShared({ kafka, container }: Ground): Promise<Shared> {
  return await openAround({ kafka, container });
}

/** The same without the container, and with other settings. */
export async function openAround(
  options: Pick<StackOptions, 'kafka' | 'container' | 'env'> & { readonly topicKeys?: Record<string, unknown> },
): Promise<Shared> {
  const { topicKeys: keys = {}, ...rest } = options;
  const plain = await startPlainBackend();
  const hanging = await startHoldingBackend(() => 'late');
  const stack = await openStack({
    ...rest,
    topics: [
      { name: 'plain', backendUrl: plain.url, keys },
      { name: 'other', backendUrl: plain.url, keys },
      { name: 'spare', backendUrl: plain.url, keys },
      { name: 'hang', backendUrl: hanging.url, keys },
      { name: 'records', backendUrl: hanging.url, keys },
    ],
    proxies: [{ topic: 'plain', routes: ['other', 'hang', 'records'] }],
    foreign: ['nobody'],
  });
  const proxy = stack.proxies[0] as Tier;
  const port = proxy.service.port as number;
  return {
    stack,
    port,
    hanging,
    others: (more = {}) => startOthers({ port, path: '/other/small', ...more }),
    proxyMetric: (name) => proxy.service.metric(name).catch(() => Number.NaN),
    async close() {
      await stack.close();
      await Promise.all([plain.close(), hanging.close()]);
    },
  };
}

/** Tells what others got: for the line, and what is wrong with it. */
export async function judged(others: Others): Promise<{ readonly others: string; readonly complaints: string[] }> {
  const result = await others.stop();
  return { others: describeOthers(result), complaints: complainOf(result) };
}

/** Answers everything in few bytes, and `/doc` with a long document; it reads each body to its end first. */
async function startPlainBackend(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    request.resume();
    request.on('end', () => response.end(request.url === '/doc' ? DOCUMENT : 'small'));
  });
  server.maxHeadersCount = 0;
  server.keepAliveTimeout = 60_000;
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}`, close: () => closeServer(server) };
}
