import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureTopics } from '@kafka-http-proxy/kafka';
import { testSettings } from '../kafka/probe.js';
import type { RealKafka, Relay } from '../kafka/real-kafka.js';
import { type LedgerBackend, startLedgerBackend } from '../ledger/ledger-backend.js';
import { startWitness, type Witness } from '../ledger/witness.js';
import { freePort } from '../machine/ports.js';
import { type BrokerUnderTest, brokerEnv } from '../services/bridge.js';
import { type Nginx, startNginx } from '../services/nginx.js';
import { type ServiceProcess, startService } from '../services/service-process.js';
import { startToxiproxy, type Toxiproxy } from '../services/toxiproxy.js';
import { type ForgetfulRelay, startForgetfulRelay } from './forgetful-relay.js';

/** Both tiers around a ledger's backend, on topics of their own. */
export interface World {
  readonly broker: BrokerUnderTest;
  readonly requestTopic: string;
  readonly responseTopic: string;
  readonly backend: LedgerBackend;
  readonly deadLetterTopic: string;
  readonly controlTopic: string;
  /** Of the topics as they are now. */
  readonly witness: Witness;
  readonly proxies: ServiceProcess[];
  readonly processors: ServiceProcess[];
  /** Between the tier that is `relayed` and Kafka. */
  readonly network: Toxiproxy | null;
  readonly forgetful: ForgetfulRelay | null;
  /** Proxies that are not to be asked just now: as a load balancer leaves them out. */
  readonly left: Set<number>;
  /** Where the next request goes, in turn; null: nowhere. */
  target(): string | null;
  /** The request topic is another by the same name: what the old one held is forgotten. */
  watchAnew(): Promise<void>;
  /** What any of the services warned of, each text once. */
  warnings(): string[];
  startProxy(index: number): Promise<ServiceProcess>;
  startProcessor(index: number): Promise<ServiceProcess>;
  close(): Promise<void>;
}

export type Tier = 'proxies' | 'processors';

/** What is between and around the processes of a world. */
export interface Setting {
  /** Clients go through docker/nginx/nginx.conf, and not to the proxies in turn. */
  readonly nginx?: true;
  /** The tier whose way to Kafka goes through {@link World.network}. */
  readonly relayed?: Tier;
  /** Its way goes through {@link World.forgetful} instead. */
  readonly forgetful?: true;
  /** Of both tiers, and of the processors. */
  readonly env?: Readonly<Record<string, string>>;
  readonly processorEnv?: Readonly<Record<string, string>>;
  /** A tier whose clocks are ahead. */
  readonly clock?: { readonly of: Tier; readonly aheadSeconds: number };
}

export interface WorldOptions extends Setting {
  readonly kafka: RealKafka;
  readonly proxies: number;
  readonly processors: number;
  readonly replicas: number;
  readonly proxyEnv?: Readonly<Record<string, string>>;
  /** Of the backend, ms. */
  readonly delayMs?: number;
}

export const PARTITIONS = 6;
/** Seconds a request may take: faults that last longer are told to the client. */
export const TIMEOUT_SECONDS = 20;

export async function openWorld(options: WorldOptions): Promise<World> {
  const { bootstrapServers } = options.kafka;
  const broker: BrokerUnderTest = { kind: 'kafka', bootstrapServers, properties: {} };
  const name = `f${randomBytes(4).toString('hex')}`;
  const [requestTopic, responseTopic, deadLetterTopic] = [`${name}-requests`, `${name}-responses`, `${name}-failed`];
  const controlTopic = `${name}-control`;
  const dir = await mkdtemp(join(tmpdir(), 'khp-faults-'));
  const creation = { partitions: PARTITIONS, replicationFactor: options.replicas, timeoutMs: 30_000 };
  await ensureTopics(testSettings(broker), [requestTopic, responseTopic, deadLetterTopic, controlTopic], creation);
  const backend = await startLedgerBackend(options.delayMs);
  const watch = () => startWitness({ broker, requestTopic, deadLetterTopic, group: `processor-${requestTopic}` });
  let witness = await watch();
  const config = join(dir, 'processor.yaml');
  await writeFile(
    config,
    JSON.stringify({
      topics: [
        {
          request_topic: requestTopic,
          response_topic: responseTopic,
          backend_url: backend.url,
          ordering: 'key',
          timeout: TIMEOUT_SECONDS,
        },
      ],
    }),
  );
  const common = {
    DEAD_LETTER_TOPIC: deadLetterTopic,
    CONTROL_TOPIC: controlTopic,
    KAFKA_TOPIC_PARTITIONS: String(PARTITIONS),
    KAFKA_MAX_RECORD_BYTES: '200000',
    HEALTH_CHECK_INTERVAL: '0',
    STREAM_IDLE_TIMEOUT: '5',
    ...options.env,
  };
  const relay = options.relayed ? relayOf(options.kafka) : null;
  const forgetful = relay && options.forgetful ? await startForgetfulRelay(relay.listen, relay.upstream) : null;
  const network = relay && !options.forgetful ? await startToxiproxy(relay.listen, relay.upstream) : null;
  const envOf = (tier: Tier): Record<string, string> => ({
    ...brokerEnv(broker),
    ...common,
    ...(options.relayed === tier && { KAFKA_BOOTSTRAP_SERVERS: relayOf(options.kafka).listen }),
    ...(options.clock?.of === tier && ahead(options.clock.aheadSeconds)),
  });
  const proxyPorts = await Promise.all(Array.from({ length: options.proxies }, freePort));
  const started: ServiceProcess[] = [];
  const proxies: ServiceProcess[] = [];
  const processors: ServiceProcess[] = [];
  let nginx: Nginx | null = null;
  const left = new Set<number>();
  let turn = 0;

  const world: World = {
    broker,
    requestTopic,
    responseTopic,
    deadLetterTopic,
    controlTopic,
    backend,
    get witness() {
      return witness;
    },
    async watchAnew() {
      await witness.close();
      witness = await watch();
    },
    proxies,
    processors,
    network,
    forgetful,
    left,
    warnings: () => [...new Set(started.flatMap(({ log }) => log.filter(isWarning)).map(describeEntry))],
    target() {
      if (nginx) return `http://127.0.0.1:${nginx.port}`;
      const open = proxies.filter((_, index) => !left.has(index));
      const proxy = open[turn++ % Math.max(open.length, 1)];
      return proxy === undefined ? null : `http://127.0.0.1:${proxy.port}`;
    },
    async startProxy(index) {
      const proxy = await startService('proxy', {
        env: {
          ...envOf('proxies'),
          PROXY_PORT: String(proxyPorts[index]),
          INSTANCE_ID: `${name}-proxy-${index}`,
          DEFAULT_REQUEST_TOPIC: requestTopic,
          DEFAULT_RESPONSE_TOPIC: responseTopic,
          WARMUP_TOPICS: responseTopic,
          DEFAULT_TIMEOUT: String(TIMEOUT_SECONDS),
          ...options.proxyEnv,
        },
      });
      started.push(proxy);
      await proxy.ready();
      proxies[index] = proxy;
      left.delete(index);
      return proxy;
    },
    async startProcessor(index) {
      const managementPort = await freePort();
      const processor = await startService('processor', {
        env: {
          ...envOf('processors'),
          INSTANCE_ID: `${name}-processor-${index}`,
          MANAGEMENT_PORT: String(managementPort),
          ...options.processorEnv,
        },
        args: ['--config', config],
        managementPort,
      });
      processors[index] = processor;
      started.push(processor);
      await processor.ready();
      return processor;
    },
    async close() {
      await nginx?.stop();
      await Promise.all([...proxies, ...processors].map(end));
      await network?.stop();
      await forgetful?.stop();
      await witness.close();
      await backend.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
  await Promise.all([
    ...Array.from({ length: options.proxies }, (_, index) => world.startProxy(index)),
    ...Array.from({ length: options.processors }, (_, index) => world.startProcessor(index)),
  ]);
  if (options.nginx) nginx = await startNginx(proxyPorts);
  return world;
}

/** Of the services' log, whose levels are pino's. */
const WARN = 40;

function isWarning({ level }: LogEntry): boolean {
  return level === 'warn' || level === 'error' || level === 'fatal' || Number(level) >= WARN;
}

function describeEntry({ name, msg, message, error }: LogEntry): string {
  return [name, msg ?? message, error].filter((part) => typeof part === 'string').join(': ');
}

type LogEntry = Readonly<Record<string, unknown>>;

function relayOf({ relays }: RealKafka): Relay {
  const [relay] = relays;
  if (relay === undefined) throw new Error('Kafka was started without `relayed`');
  return relay;
}

function ahead(seconds: number): Record<string, string> {
  return {
    NODE_OPTIONS: `--import ${new URL('./clock-ahead.js', import.meta.url).href}`,
    CLOCK_AHEAD_MS: String(seconds * 1000),
  };
}

/** Whatever state it is in: a stopped process takes no SIGTERM. */
async function end(service: ServiceProcess): Promise<void> {
  service.child.kill('SIGCONT');
  const limit = setTimeout(() => service.child.kill('SIGKILL'), 20_000);
  await service.stop();
  clearTimeout(limit);
}
