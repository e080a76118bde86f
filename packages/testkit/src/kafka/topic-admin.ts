import kafka from '@confluentinc/kafka-javascript';
import type { BrokerUnderTest } from '../services/bridge.js';
import { QUICK_JAVA, run } from './jars.js';
import type { RealKafka } from './real-kafka.js';

/*
 * What an operator does to topics. Brokers are numbered from 0 here, as in `RealKafka`; their ids count from 1.
 */

type Done = (error: unknown, found?: unknown) => void;
interface Admin {
  createPartitions(topic: string, count: number, timeoutMs: number, done: Done): void;
  deleteTopic(topic: string, timeoutMs: number, done: Done): void;
  createTopic(topic: object, timeoutMs: number, done: Done): void;
  describeGroups(groups: readonly string[], options: object, done: Done): void;
  describeTopics(topics: readonly string[], options: object, done: Done): void;
  disconnect(): void;
}

const TIMEOUT_MS = 10_000;

async function ask<T>(broker: BrokerUnderTest, question: (admin: Admin, done: Done) => void): Promise<T> {
  const config = { ...broker.properties, 'bootstrap.servers': broker.bootstrapServers };
  const admin = kafka.AdminClient.create(config) as unknown as Admin;
  try {
    return await new Promise<T>((resolve, reject) =>
      question(admin, (error, found) => (error ? reject(error) : resolve(found as T))),
    );
  } finally {
    admin.disconnect();
  }
}

/** Raises the number of partitions of a topic. */
export async function addPartitions(broker: BrokerUnderTest, topic: string, count: number): Promise<void> {
  await ask(broker, (admin, done) => admin.createPartitions(topic, count, TIMEOUT_MS, done));
}

export async function deleteTopic(broker: BrokerUnderTest, topic: string): Promise<void> {
  await ask(broker, (admin, done) => admin.deleteTopic(topic, TIMEOUT_MS, done));
}

/** The id of a topic (KIP-516); null where brokers have none. */
export async function topicId(broker: BrokerUnderTest, topic: string): Promise<string | null> {
  const found = await ask<{ topicId?: { base64: string } }[]>(broker, (admin, done) =>
    admin.describeTopics([topic], { timeout: TIMEOUT_MS }, done),
  );
  return found[0]?.topicId?.base64 ?? null;
}

/**
 * Sets one dynamic property for as long as `work` goes on, by Kafka's own tool: the client has no call for it.
 *
 * @param entity as `kafka-configs.sh` names it: `['topics', name]`, or `['clients', null]` for the default of all
 */
export async function withConfig(
  { bootstrapServers, classPath, dir }: RealKafka,
  [type, name]: readonly [type: string, name: string | null],
  [property, value]: readonly [property: string, value: string],
  work: () => Promise<void>,
): Promise<void> {
  const entity = ['--entity-type', type, ...(name === null ? ['--entity-default'] : ['--entity-name', name])];
  const alter = (change: string, what: string) => {
    const order = ['--bootstrap-server', bootstrapServers, '--alter', ...entity, change, what];
    return run('java', [...QUICK_JAVA, '-cp', classPath, 'kafka.admin.ConfigCommand', ...order], dir);
  };
  await alter('--add-config', `${property}=${value}`);
  await work();
  await alter('--delete-config', property);
}

/** The broker of a group's coordinator. */
export async function coordinatorOf(broker: BrokerUnderTest, group: string): Promise<number> {
  interface Described {
    readonly groups: ReadonlyArray<{ readonly coordinator: { readonly id: number } }>;
  }
  const { groups } = await ask<Described>(broker, (admin, done) =>
    admin.describeGroups([group], { timeout: TIMEOUT_MS }, done),
  );
  return (groups[0]?.coordinator.id ?? 1) - 1;
}

/** The broker that leads a partition. */
export async function leaderOf(broker: BrokerUnderTest, topic: string, partition: number): Promise<number> {
  interface Metadata {
    readonly topics: ReadonlyArray<{
      readonly partitions: ReadonlyArray<{ readonly id: number; readonly leader: number }>;
    }>;
  }
  const client = new kafka.Producer({ ...broker.properties, 'bootstrap.servers': broker.bootstrapServers }, {});
  const found = await new Promise<Metadata>((resolve, reject) => {
    client.connect({ topic, allTopics: false, timeout: TIMEOUT_MS }, (error, metadata) =>
      error ? reject(error) : resolve(metadata as unknown as Metadata),
    );
  });
  await new Promise<void>((resolve) => client.disconnect(() => resolve()));
  return (found.topics[0]?.partitions.find(({ id }) => id === partition)?.leader ?? 1) - 1;
}
