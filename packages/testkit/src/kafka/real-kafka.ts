import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../machine/ports.js';
import { BrokerEnded, brokerAnswers, brokerDies, endBroker, hasEnded } from './broker-process.js';
import { kafkaJars, QUICK_JAVA, run, say } from './jars.js';
import { KAFKA_VERSION, RELAYED, type RealKafkaOptions, type Relay, serverProperties } from './server-properties.js';
import { needsZooKeeper, startZooKeeper } from './zookeeper.js';

export type { RealKafkaOptions, Relay } from './server-properties.js';

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

/**
 * Starts Apache Kafka (KRaft) on free ports of this machine, with Java and Maven alone: no Docker.
 *
 * @throws {Error} with one sentence when Java or Maven is missing, or the end of the broker's log
 */
export async function startKafka(options: RealKafkaOptions = {}): Promise<RealKafka> {
  try {
    return await startOnce(options);
  } catch (error) {
    // Of what is not ours: a port that somebody else took meanwhile, or memory that was not there for a moment.
    if (!(error instanceof BrokerEnded)) throw error;
    return await startOnce(options);
  }
}

async function startOnce(options: RealKafkaOptions): Promise<RealKafka> {
  const { version = KAFKA_VERSION, brokers = 1, listeners = {}, javaArguments = [], forSpeed = false } = options;
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
    const properties = join(dir, `broker-${broker}.properties`);
    const java = [...(forSpeed ? [] : QUICK_JAVA), ...javaArguments];
    const args = ['-Xmx512m', ...java, '-cp', classPath, 'kafka.Kafka', properties];
    const child = spawn('java', args, { cwd: dir, stdio: ['ignore', log.fd, log.fd] });
    processes[broker] = child;
    await log.close();
    await Promise.race([brokerAnswers(addresses[broker] ?? '', broker), brokerDies(child, broker, dir)]);
  };

  const cluster = clusterId();
  const format = async (broker: number): Promise<void> => {
    const file = join(dir, `broker-${broker}.properties`);
    await run(
      'java',
      [...QUICK_JAVA, '-cp', classPath, 'kafka.tools.StorageTool', 'format', '-t', cluster, '-c', file],
      dir,
    );
  };

  const stop = async (): Promise<void> => {
    await Promise.all(processes.map(endBroker));
    if (zookeeper) await endBroker(zookeeper);
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

/** 16 random bytes as Kafka writes ids; a leading dash would be taken for an option. */
function clusterId(): string {
  return randomBytes(16).toString('base64url').replace(/^-/, 'A');
}
