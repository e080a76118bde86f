import { join } from 'node:path';
import { needsZooKeeper } from './zookeeper.js';

/** The Apache Kafka that is started when no version is named. */
export const KAFKA_VERSION = '4.1.0';

/** Name of the listener behind a relay. */
export const RELAYED = 'RELAYED';

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
  /** Whether Java compiles hot code as well as it can, which benchmarks need; false starts brokers with half the CPU. */
  readonly forSpeed?: boolean;
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

/** The addresses of a cluster, as one broker has to know them. */
export interface Addresses {
  /** Of the plain listener, by broker. */
  readonly addresses: readonly string[];
  readonly controllers: readonly string[];
  /** Of this broker's other listeners, by name. */
  readonly more: ReadonlyMap<string, string>;
  readonly relay: Relay | undefined;
}

/** The text of `server.properties` of one broker. */
export function serverProperties(
  broker: number,
  { addresses, controllers, more, relay }: Addresses,
  dir: string,
  { serverProperties: extra = {}, autoCreateTopics = true, version = KAFKA_VERSION, listeners = {} }: RealKafkaOptions,
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
