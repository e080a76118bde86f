import { freePort, type ScriptedBackend, startBackend } from '@kafka-http-proxy/testkit';
import type { OpenImage, ReadyContainer } from './container.js';
import { startContainer } from './container.js';

/** One proxy and one processor from their images, and a backend. */
export interface Pair {
  readonly proxy: ReadyContainer;
  readonly processor: ReadyContainer;
  /** Where the proxy takes requests. */
  readonly url: string;
  readonly backend: ScriptedBackend;
}

/** What a pair is made of. */
export interface PairOptions {
  /** Starts the names of topics and containers. */
  readonly name: string;
  readonly proxy: OpenImage;
  readonly processor: OpenImage;
  readonly bootstrapServers: string;
}

/** Starts both containers beside one another. @throws Error with the log of one that is not ready */
export async function startPair({ name, proxy, processor, bootstrapServers }: PairOptions): Promise<Pair> {
  const [port, ownPort, managementPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const backend = await startBackend();
  const env = { KAFKA_BOOTSTRAP_SERVERS: bootstrapServers, KAFKA_TOPIC_PARTITIONS: '1' };
  const [requests, replies] = [`${name}-requests`, `${name}-responses`];
  // The combined image has its management port set; the proxy's own image serves it on the main port.
  const split = proxy.config.Env.some((one) => one.startsWith('MANAGEMENT_PORT='));
  const starting = [
    startContainer(proxy, {
      name: `${name}-proxy`,
      url: `http://127.0.0.1:${split ? ownPort : port}`,
      env: {
        ...env,
        ...(split && { MANAGEMENT_PORT: String(ownPort), MODE: 'proxy' }),
        PROXY_PORT: String(port),
        INSTANCE_ID: 'proxy-0',
        WARMUP_TOPICS: replies,
        DEFAULT_REQUEST_TOPIC: requests,
        DEFAULT_RESPONSE_TOPIC: replies,
      },
    }),
    startContainer(processor, {
      name: `${name}-processor`,
      url: `http://127.0.0.1:${managementPort}`,
      env: {
        ...env,
        ...(split && { MODE: 'processor' }),
        MANAGEMENT_PORT: String(managementPort),
        KAFKA_TOPICS: `${name}-group:${requests},${replies},${backend.url}`,
      },
    }),
  ] as const;
  const [first, second] = await Promise.all(starting);
  return { proxy: first, processor: second, url: `http://127.0.0.1:${port}`, backend };
}

/** What the kernel lets the service in a container do, asked inside. */
export async function boundsOf(container: ReadyContainer): Promise<unknown> {
  return JSON.parse(await container.exec(['node', '-e', ASK_BOUNDS]));
}

const ASK_BOUNDS = `
  const fs = require('fs');
  const pid = fs.readdirSync('/proc').find((p) => /^\\d+$/.test(p) && p !== '1' && p !== String(process.pid)
    && fs.readFileSync('/proc/' + p + '/cmdline', 'utf8').includes('kafka-'));
  const status = fs.readFileSync('/proc/' + pid + '/status', 'utf8');
  const field = (name) => new RegExp('^' + name + ':\\\\s+(\\\\S+)', 'm').exec(status)[1];
  const writable = ['/x', '/app/x', '/tmp/x', '/var/tmp/x', '/dev/x', '/run/x'].filter((path) => {
    try { fs.writeFileSync(path, ''); return true; } catch { return false; }
  });
  console.log(JSON.stringify({ init: fs.readFileSync('/proc/1/comm', 'utf8').trim(), uid: field('Uid'),
    capabilities: field('CapPrm'), noNewPrivileges: field('NoNewPrivs'), writable }));`;
