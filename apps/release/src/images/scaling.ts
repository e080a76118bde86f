import { freePort, sumSeries } from '@kafka-http-proxy/testkit';
import type { ContainerOptions, OpenImage, ReadyContainer } from './container.js';
import { startContainer } from './container.js';

/** Of each tier. */
export const REPLICAS = [0, 1, 2] as const;

/** Several of each tier, on one broker and one backend. */
export interface Fleet {
  readonly proxies: readonly ReadyContainer[];
  readonly processors: readonly ReadyContainer[];
}

/** What a fleet is made of. */
export interface FleetOptions {
  readonly proxy: OpenImage;
  readonly processor: OpenImage;
  readonly bootstrapServers: string;
  readonly backendUrl: string;
  /** Gets each container as soon as it runs: also of a fleet that does not come up. */
  readonly onStarted: (container: ReadyContainer) => void;
}

/** Starts {@link REPLICAS} of each tier, a proxy and a processor at a time. @throws Error with the log of one that is not ready */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { proxy, processor, bootstrapServers, backendUrl, onStarted } = options;
  const env = { KAFKA_BOOTSTRAP_SERVERS: bootstrapServers, KAFKA_TOPIC_PARTITIONS: String(REPLICAS.length) };
  const [requests, replies] = ['scaling-requests', 'scaling-responses'];
  const start = async (image: OpenImage, { name, env: own }: ContainerOptions, portKey: string) => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const container = await startContainer(image, { name, url, env: { ...env, ...own, [portKey]: String(port) } });
    onStarted(container);
    return container;
  };
  const proxies: ReadyContainer[] = [];
  const processors: ReadyContainer[] = [];
  for (const i of REPLICAS) {
    const proxyEnv = {
      INSTANCE_ID: `proxy-${i}`,
      WARMUP_TOPICS: replies,
      DEFAULT_REQUEST_TOPIC: requests,
      DEFAULT_RESPONSE_TOPIC: replies,
    };
    const processorEnv = { KAFKA_TOPICS: `scaling-group:${requests},${replies},${backendUrl}` };
    const [one, other] = await Promise.all([
      start(proxy, { name: `scaling-proxy-${i}`, env: proxyEnv }, 'PROXY_PORT'),
      start(processor, { name: `scaling-processor-${i}`, env: processorEnv }, 'MANAGEMENT_PORT'),
    ]);
    proxies.push(one);
    processors.push(other);
  }
  return { proxies, processors };
}

/** How many partitions each processor reads. */
export async function partitionCounts(processors: readonly ReadyContainer[]): Promise<number[]> {
  return await Promise.all(
    processors.map(async ({ url }) => {
      const response = await fetch(`${url}/status`);
      const { topics } = (await response.json()) as { topics: Record<string, { partitions: unknown[] }> };
      return Object.values(topics).reduce((sum, { partitions }) => sum + partitions.length, 0);
    }),
  );
}

/** The value of a metric of each container. @throws Error where there is no such metric: it may have been renamed */
export async function metricOf(containers: readonly ReadyContainer[], name: string): Promise<number[]> {
  return await Promise.all(
    containers.map(async ({ url }) => {
      const text = await fetch(`${url}/metrics`).then((response) => response.text());
      if (!text.includes(`# TYPE ${name} `)) throw new Error(`there is no metric ${name}`);
      return sumSeries(text, name, {});
    }),
  );
}

/** Sends requests, `atOnce` at a time, each with its own path and body. @returns what was wrong with answers */
export async function load(origin: string, requests: number, atOnce: number): Promise<string[]> {
  const wrong: string[] = [];
  let next = 0;
  const client = async () => {
    while (next < requests) {
      const complaint = await ask(origin, next++);
      if (complaint !== null) wrong.push(complaint);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  return wrong;
}

const ANSWER_MS = 60_000;

async function ask(origin: string, n: number): Promise<string | null> {
  const target = `/orders/${n}?n=${n}`;
  const body = `body of ${n}: ${'x'.repeat(n % 200)}`;
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const response = await fetch(origin + target, { method: 'POST', body, signal });
    const text = await response.text();
    const right = response.status === 200 && text === body && response.headers.get('x-target') === target;
    return right ? null : `${n} got ${response.status} ${text.slice(0, 100)}`;
  } catch (error) {
    return `${n}: ${error instanceof Error ? (error.cause ?? error.message) : error}`;
  }
}
