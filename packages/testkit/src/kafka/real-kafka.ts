import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createProducer } from '@kafka-http-proxy/kafka';
import { kafkaJars, missingProgram, run, say } from './jars.js';
import { needsZooKeeper, startZooKeeper } from './zookeeper.js';

export interface RealKafkaOptions {
  /** Of Apache Kafka; 4.1.0 when left out. */
  readonly version?: string;
  /** Each is broker and controller; 1 when left out. */
  readonly brokers?: number;
  /** Properties of server.properties that win over those here. */
  readonly serverProperties?: Readonly<Record<string, string | number | boolean>>;
  /** Whether asking for a topic creates it; true, as is Kafka's default. */
  readonly autoCreateTopics?: boolean;
  /** Listeners beside the plain one: their names, and the security protocol of each. */
  readonly listeners?: Readonly<Record<string, 'SSL' | 'SASL_SSL' | 'SASL_PLAINTEXT'>>;
  /** Arguments of the brokers' Java. */
  readonly javaArguments?: readonly string[];
  /** Whether each broker has a plain listener that it advertises at {@link RealKafka.relays}; false when left out. */
  readonly relayed?: boolean;
}

/** A way to a broker through something that the caller runs at `listen`: who bootstraps there stays on it. */
export interface Relay {
  /** `host:port` that the broker advertises; nothing listens there yet. */
  readonly listen: string;
  /** `host:port` of the broker. */
  readonly upstream: string;
}

export interface RealKafka {
  readonly bootstrapServers: string;
  /** The brokers' addresses at one of {@link RealKafkaOptions.listeners}. */
  bootstrapServersOf(listener: string): string;
  /** By broker; none without `relayed`. */
  readonly relays: readonly Relay[];
  /** What the brokers run from, for Kafka's own tools. */
  readonly classPath: string;
  /** Holds the logs, the configuration and the data until {@link stop}. */
  readonly dir: string;
  /** Process ids, by broker. */
  readonly pids: readonly number[];
  /** Sends a signal to one broker (SIGKILL when left out); resolves when it has ended, for one that ends it. */
  kill(broker: number, signal?: NodeJS.Signals): Promise<void>;
  /** Starts a broker again that was killed, on its data and port; resolves when it answers. */
  start(broker: number): Promise<void>;
  /** Takes the data of a broker that was killed: it starts as a new one. */
  empty(broker: number): Promise<void>;
  /** Ends all brokers and removes their data. */
  stop(): Promise<void>;
}

/** Of Apache Kafka, when nothing is said. */
const VERSION = '4.1.0';

const READY_MS = 60_000;
const STOP_MS = 15_000;

/**
 * Starts Apache Kafka (KRaft) on free ports of this machine, with Java and Maven alone: no Docker.
 *
 * @throws {Error} with one sentence when Java or Maven is missing, or the end of the broker's log
 */
export async function startKafka(options: RealKafkaOptions = {}): Promise<RealKafka> {
  const { version = VERSION, brokers = 1, listeners = {}, javaArguments = [] } = options;
  const classPath = join(await kafkaJars(version), '*');
  const dir = await mkdtemp(join(tmpdir(), 'khp-kafka-'));
  const names = [...Object.keys(listeners), ...(options.relayed ? [RELAYED] : [])];
  const ports = (await freePorts(brokers * (3 + names.length))).map((port) => `127.0.0.1:${port}`);
  const take = () => ports.splice(0, brokers);
  const addresses = take();
  const controllers = take();
  const extra = new Map(names.map((name) => [name, take()]));
  const relays = (extra.get(RELAYED) ?? []).map((upstream): Relay => ({ listen: ports.pop() as string, upstream }));
  const processes: ChildProcess[] = [];
  let zookeeper: ChildProcess | null = null;

  const launch = async (broker: number): Promise<void> => {
    const log = await open(join(dir, `broker-${broker}.log`), 'a');
    const args = [
      '-Xmx512m',
      ...javaArguments,
      '-cp',
      classPath,
      'kafka.Kafka',
      join(dir, `broker-${broker}.properties`),
    ];
    const child = spawn('java', args, { cwd: dir, stdio: ['ignore', log.fd, log.fd] });
    processes[broker] = child;
    await log.close();
    await Promise.race([answers(addresses[broker] ?? '', broker), diesEarly(child, broker, dir)]);
  };

  const cluster = clusterId();
  const format = async (broker: number): Promise<void> => {
    const file = join(dir, `broker-${broker}.properties`);
    await run('java', ['-cp', classPath, 'kafka.tools.StorageTool', 'format', '-t', cluster, '-c', file], dir);
  };

  const stop = async (): Promise<void> => {
    await Promise.all(processes.map(end));
    if (zookeeper) await end(zookeeper);
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  };

  try {
    const old = needsZooKeeper(version);
    if (old) zookeeper = await startZooKeeper(classPath, dir, Number(controllers[0]?.split(':')[1]));
    for (let broker = 0; broker < brokers; broker++) {
      const file = join(dir, `broker-${broker}.properties`);
      const more = new Map([...extra].map(([name, at]) => [name, String(at[broker])]));
      await writeFile(
        file,
        serverProperties(broker, { addresses, controllers, more, relay: relays[broker] }, dir, options),
      );
      if (old) continue;
      await format(broker);
    }
    const all = Promise.all(Array.from({ length: brokers }, (_, broker) => launch(broker)));
    await say(`starting Kafka ${version}`, all);
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    bootstrapServers: addresses.join(','),
    bootstrapServersOf: (listener) => (extra.get(listener) ?? []).join(','),
    relays,
    classPath,
    dir,
    get pids() {
      return processes.map(({ pid }) => pid ?? -1);
    },
    async kill(broker, signal = 'SIGKILL') {
      const child = processes[broker];
      if (!child || hasEnded(child)) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      if (signal === 'SIGKILL' || signal === 'SIGTERM') await ended;
    },
    start: launch,
    async empty(broker) {
      await rm(join(dir, `data-${broker}`), { recursive: true, force: true, maxRetries: 3 });
      await format(broker);
    },
    stop,
  };
}

interface Addresses {
  /** Of the plain listener, by broker. */
  readonly addresses: readonly string[];
  readonly controllers: readonly string[];
  /** Of this broker's other listeners, by name. */
  readonly more: ReadonlyMap<string, string>;
  readonly relay: Relay | undefined;
}

/** Name of the listener behind a relay. */
const RELAYED = 'RELAYED';

function serverProperties(
  broker: number,
  { addresses, controllers, more, relay }: Addresses,
  dir: string,
  { serverProperties: extra = {}, autoCreateTopics = true, version = VERSION, listeners = {} }: RealKafkaOptions,
): string {
  const open = [`PLAINTEXT://${addresses[broker]}`, ...[...more].map(([name, address]) => `${name}://${address}`)];
  const protocols = Object.entries({ PLAINTEXT: 'PLAINTEXT', [RELAYED]: 'PLAINTEXT', ...listeners }).map((pair) =>
    pair.join(':'),
  );
  const quorum = needsZooKeeper(version)
    ? {
        'broker.id': broker + 1,
        'zookeeper.connect': String(controllers[0]),
        listeners: open.join(','),
        'listener.security.protocol.map': protocols.join(','),
      }
    : {
        'process.roles': 'broker,controller',
        'node.id': broker + 1,
        'controller.quorum.voters': controllers.map((address, i) => `${i + 1}@${address}`).join(','),
        listeners: [...open, `CONTROLLER://${controllers[broker]}`].join(','),
        'controller.listener.names': 'CONTROLLER',
        'listener.security.protocol.map': [...protocols, 'CONTROLLER:PLAINTEXT'].join(','),
      };
  const properties = {
    ...quorum,
    'advertised.listeners': open
      .map((at) => (relay && at === `${RELAYED}://${relay.upstream}` ? `${RELAYED}://${relay.listen}` : at))
      .join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(dir, `data-${broker}`),
    'num.partitions': 4,
    'auto.create.topics.enable': autoCreateTopics,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // A killed broker may come back when its old session has ended; the default is 9 s.
    'broker.heartbeat.interval.ms': 1000,
    'broker.session.timeout.ms': 4000,
    ...extra,
  };
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Resolves when the broker answers a metadata request. */
async function answers(address: string, broker: number): Promise<void> {
  const silent = { error: () => undefined, log: () => undefined, restarted: () => undefined };
  const settings = {
    bootstrapServers: address,
    clientId: 'testkit',
    properties: {},
    maxRecordBytes: 1_000_000,
    events: silent,
  };
  const signal = AbortSignal.timeout(READY_MS);
  const producer = await createProducer(settings, { messageTimeoutMs: 1000, signal }).catch((cause: unknown) => {
    throw new Error(`Kafka broker ${broker} did not answer at ${address} in ${READY_MS} ms`, { cause });
  });
  await producer.close(0);
}

/** Rejects when the process ends before the broker was ready; pending for ever otherwise. */
async function diesEarly(child: ChildProcess, broker: number, dir: string): Promise<never> {
  const [code] = (await once(child, 'exit').catch((error: NodeJS.ErrnoException) => {
    throw missingProgram('java', error);
  })) as [number | null];
  const log = await readFile(join(dir, `broker-${broker}.log`), 'utf8').catch(() => '');
  throw new Error(`Kafka broker ${broker} ended with ${code}:\n${log.slice(-4000)}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  // A stopped process (SIGSTOP) would not see the others.
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  const timer = new AbortController();
  const late = delay(STOP_MS, undefined, { signal: timer.signal }).then(() => child.kill('SIGKILL'));
  late.catch(() => undefined);
  await ended;
  timer.abort();
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** 16 random bytes as Kafka writes ids; a leading dash would be taken for an option. */
function clusterId(): string {
  return randomBytes(16).toString('base64url').replace(/^-/, 'A');
}

/** Ports that were free just now, all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async (): Promise<Server> => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
