import { join } from 'node:path';
import { type Bridge, type ServiceProcess, startBridge } from '@kafka-http-proxy/testkit';
import type { BenchContext } from './bench-context.js';
import { deleteTopics } from './topics.js';

/** What a client talks to: the bridge before a backend, or the backend itself. */
export interface Target {
  readonly origin: string;
  /** The services of the bridge by name; none where there is no bridge. */
  readonly services: ReadonlyMap<string, ServiceProcess>;
  /** A further processor of the same topics. */
  addProcessor(): Promise<ServiceProcess>;
  /** Warnings and errors that the services logged. */
  complaints(): string[];
  close(): Promise<void>;
}

export interface TargetOptions {
  readonly backend: string;
  /** Straight to the backend: the baseline. */
  readonly direct: boolean;
  /** Partitions of its topics; 1 when left out. */
  readonly partitions?: number;
  /** Further keys of the topic, such as its order. */
  readonly topicKeys?: Readonly<Record<string, unknown>> | undefined;
  /** Variables of both tiers. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where profiles of the services go, and the beginning of their names. */
  readonly profile?: string | undefined;
  /** PEM file of who issued the certificates, where its ports speak TLS. */
  readonly ca?: string | undefined;
}

export async function openTarget(context: BenchContext, options: TargetOptions): Promise<Target> {
  return options.direct ? direct(options.backend) : await bridged(context, options);
}

function direct(backend: string): Target {
  return {
    origin: backend,
    services: new Map(),
    addProcessor: () => Promise.reject(new Error('there is no bridge')),
    complaints: () => [],
    close: () => Promise.resolve(),
  };
}

async function bridged(context: BenchContext, options: TargetOptions): Promise<Target> {
  const broker = await context.broker();
  const common = {
    KAFKA_TOPIC_PARTITIONS: String(options.partitions ?? 1),
    ...options.env,
  };
  context.progress.say('starting proxy and processor');
  const bridge: Bridge = await startBridge({
    broker,
    backendUrl: options.backend,
    ...(options.topicKeys && { topicKeys: options.topicKeys }),
    ...(options.ca !== undefined && { ca: options.ca }),
    proxy: { ...common, ...profiling(options.profile, 'proxy') },
    processor: { ...common, ...profiling(options.profile, 'processor') },
  });
  context.cleanup.add(() => bridge.close());
  const services = new Map<string, ServiceProcess>([['processor', bridge.processor]]);
  for (const proxy of bridge.proxies) services.set('proxy', proxy);
  return {
    origin: bridge.origin,
    services,
    async addProcessor() {
      const added = await bridge.startProcessor(profiling(options.profile, `processor-${services.size}`));
      services.set(`processor ${services.size}`, added);
      return added;
    },
    complaints: () =>
      [...services].flatMap(([name, { log }]) => log.filter(isComplaint).map((line) => describe(name, line))),
    async close() {
      await bridge.close();
      const { requestTopic, responseTopic, deadLetterTopic, controlTopic } = bridge;
      await deleteTopics(broker, [requestTopic, responseTopic, deadLetterTopic, controlTopic]);
    },
  };
}

function profiling(prefix: string | undefined, service: string): Record<string, string> {
  if (prefix === undefined) return {};
  const preload = new URL('../profile/preload.js', import.meta.url).href;
  return { NODE_OPTIONS: `--import ${preload}`, BENCH_PROFILE: join(`${prefix}-${service}`) };
}

/** Pino's levels: 40 is a warning. */
function isComplaint({ level, text }: Record<string, unknown>): boolean {
  return text !== undefined || Number(level) >= 40 || ['warn', 'error', 'fatal'].includes(String(level));
}

function describe(name: string, line: Record<string, unknown>): string {
  return `${name}: ${JSON.stringify(line)}`;
}
