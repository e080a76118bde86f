import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureTopics } from '@kafka-http-proxy/kafka';
import { testSettings } from '../../kafka/probe.js';
import type { RealKafka } from '../../kafka/real-kafka.js';
import { freePort } from '../../machine/ports.js';
import { type BrokerUnderTest, brokerEnv } from '../../services/bridge.js';
import { type ServiceProcess, startService } from '../../services/service-process.js';
import { type Container, type Enclosure, OPEN_GROUND } from './container.js';
import { imageEnv } from './image-env.js';
import { type MemoryWatch, watchMemory } from './memory.js';

/** A process of either tier and what it holds. */
export interface Tier {
  /** `proxy` or `processor`, and whose where there are several. */
  readonly name: string;
  readonly service: ServiceProcess;
  readonly memory: MemoryWatch;
  /** How it ended; null while it runs. */
  ended(): string | null;
}

/** One request topic of the processor, and the response topic of the same name. */
export interface StackTopic {
  readonly name: string;
  readonly backendUrl: string;
  /** Name of the topic whose response topic is its own too. */
  readonly repliesTo?: string;
  /** Further keys of its configuration. */
  readonly keys?: Readonly<Record<string, unknown>>;
}

export interface StackOptions {
  readonly kafka: RealKafka;
  /** What limits each process; null: nothing. */
  readonly container: Container | null;
  readonly topics: readonly StackTopic[];
  /** Each with its own topics by default, and routes `/NAME` to the request topics of these names. */
  readonly proxies: ReadonlyArray<{ readonly topic: string; readonly routes?: readonly string[] }>;
  /** Topics of others, which no tier is told of. */
  readonly foreign?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Further keys of the processor's configuration. */
  readonly processorKeys?: Readonly<Record<string, unknown>>;
}

/** A processor and proxies in containers, on topics of their own; only this part of the tests may break them. */
export interface Stack {
  readonly broker: BrokerUnderTest;
  /** By tenant, in the order of the options. */
  readonly proxies: readonly Tier[];
  readonly processor: Tier;
  /** Whether each process is in a container. */
  readonly contained: boolean;
  requestTopic(name: string): string;
  responseTopic(name: string): string;
  foreignTopic(name: string): string;
  /** Starts the processor again, after its end or after SIGTERM; resolves when it is ready, or has ended. */
  restartProcessor(): Promise<void>;
  /** All that run or ran last. */
  tiers(): Tier[];
  close(): Promise<void>;
}

const REQUEST_PARTITIONS = 2;
/** Longest that a process may take to end by itself, ms. */
const STOP_MS = 1500;

export async function openStack(options: StackOptions): Promise<Stack> {
  const { kafka, container, topics } = options;
  const broker: BrokerUnderTest = { kind: 'kafka', bootstrapServers: kafka.bootstrapServers, properties: {} };
  const name = `s${randomBytes(4).toString('hex')}`;
  const requestTopic = (topic: string) => `${name}-${topic}-requests`;
  const responseTopic = (topic: string) => `${name}-${topic}-responses`;
  const foreignTopic = (topic: string) => `${name}-${topic}`;
  const controlTopic = `${name}-control`;
  const deadLetterTopic = `${name}-failed`;
  const dir = await mkdtemp(join(tmpdir(), 'khp-strangers-'));
  const ends: (() => Promise<void>)[] = [() => rm(dir, { recursive: true, force: true })];

  const creation = { replicationFactor: 1, timeoutMs: 30_000 };
  const settings = testSettings(broker);
  await ensureTopics(
    settings,
    topics.map((topic) => requestTopic(topic.name)),
    { ...creation, partitions: REQUEST_PARTITIONS },
  );
  // One partition each, so that what is written there is read in the order that it was written.
  const single = [...topics.map((topic) => responseTopic(topic.name)), ...(options.foreign ?? []).map(foreignTopic)];
  await ensureTopics(settings, [...single, controlTopic, deadLetterTopic], { ...creation, partitions: 1 });

  const config = join(dir, 'processor.yaml');
  await writeFile(
    config,
    JSON.stringify({
      ...options.processorKeys,
      topics: topics.map((topic) => ({
        request_topic: requestTopic(topic.name),
        response_topic: responseTopic(topic.repliesTo ?? topic.name),
        backend_url: topic.backendUrl,
        ...topic.keys,
      })),
    }),
  );
  const common = {
    ...imageEnv(),
    ...brokerEnv(broker),
    CONTROL_TOPIC: controlTopic,
    DEAD_LETTER_TOPIC: deadLetterTopic,
    HEALTH_CHECK_INTERVAL: '0',
    ...options.env,
  };

  const start = async (tier: 'proxy' | 'processor', who: string, env: Readonly<Record<string, string>>) => {
    const enclosure: Enclosure = (await container?.enclose()) ?? OPEN_GROUND;
    ends.push(() => enclosure.remove());
    const managementPort = await freePort();
    const service = await startService(tier, {
      env: { ...common, ...enclosure.env, MANAGEMENT_PORT: String(managementPort), ...env },
      args: tier === 'processor' ? ['--config', config] : [],
      launcher: enclosure.launcher,
      // A proxy tells both of its ports.
      ...(tier === 'processor' && { managementPort }),
    });
    const memory = watchMemory(service.child.pid as number);
    let ended: string | null = null;
    void service.exited.then((how) => {
      ended = String(how);
    });
    ends.push(async () => {
      memory.stop();
      await stop(service);
    });
    return { name: who, service, memory, ended: () => ended } satisfies Tier;
  };
  const startProcessor = () => start('processor', 'processor', {});
  const startProxy = ({ topic, routes = [] }: StackOptions['proxies'][number]) =>
    start('proxy', options.proxies.length === 1 ? 'proxy' : `${topic}’s proxy`, {
      PROXY_PORT: '0',
      DEFAULT_REQUEST_TOPIC: requestTopic(topic),
      DEFAULT_RESPONSE_TOPIC: responseTopic(topic),
      WARMUP_TOPICS: responseTopic(topic),
      REPLY_PARTITION: '0',
      ROUTES: JSON.stringify(routes.map((route) => ({ path: `/${route}`, request_topic: requestTopic(route) }))),
    });

  const close = async () => {
    // The last began first; processes end together, and what they were in after them.
    for (const end of ends.splice(0).reverse()) await end().catch(() => undefined);
  };

  try {
    const [first, ...proxies] = await Promise.all([startProcessor(), ...options.proxies.map(startProxy)]);
    let processor = first as Tier;
    await Promise.all([processor, ...proxies].map(({ service }) => service.ready()));
    return {
      broker,
      proxies,
      get processor() {
        return processor;
      },
      contained: container !== null,
      requestTopic,
      responseTopic,
      foreignTopic,
      async restartProcessor() {
        await stop(processor.service);
        processor = await startProcessor();
        await processor.service.ready().catch(() => undefined);
      },
      tiers: () => [...proxies, processor],
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Ends it, whatever state it is in. */
async function stop(service: ServiceProcess): Promise<void> {
  const limit = setTimeout(() => service.child.kill('SIGKILL'), STOP_MS);
  await service.stop();
  clearTimeout(limit);
}
