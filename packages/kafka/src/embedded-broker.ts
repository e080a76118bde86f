import { connect, disconnect, metadata } from './client/connect.js';
import { librdkafka, type RdProducer } from './client/librdkafka.js';
import type { KafkaEvents } from './port/settings.js';

/** A broker in this process. */
export interface EmbeddedBroker {
  /** host:port of each broker, separated by commas; other processes of this machine can connect too. */
  readonly bootstrapServers: string;
  /** What clients need against it, for {@link KafkaSettings.properties}. */
  readonly properties: Readonly<Record<string, string | number | boolean>>;
  close(): Promise<void>;
}

/**
 * Properties for librdkafka's mock cluster. Its Fetch waits out `fetch.wait.max.ms` even when records
 * come: a round trip takes 12 ms with 5, 5.6 with 2 and 3.8 with 1, which takes twice the CPU time of 5
 * while idle (11 % of a core). Its classic groups wait 3 s before the first assignment and get stuck
 * when a second member joins; its KIP-848 groups assign in milliseconds and hand over within a
 * heartbeat (3 s). It has no CreateTopics: topics are made by asking for them.
 */
const PROPERTIES = {
  'fetch.wait.max.ms': 1,
  'group.protocol': 'consumer',
  'allow.auto.create.topics': true,
} as const;

const SILENT: KafkaEvents = { error: () => undefined, log: () => undefined, restarted: () => undefined };

/**
 * Starts librdkafka's mock cluster in this process: for first runs and tests. Nothing is durable,
 * topics have 4 partitions (it has no setting for that), and it lives until it is closed or the
 * process ends.
 *
 * @throws {KafkaClientFault} when it cannot listen
 * @example
 * const broker = await startEmbeddedBroker();
 * const { bootstrapServers, properties } = broker;
 * await broker.close();
 */
export async function startEmbeddedBroker({
  brokers = 1,
}: {
  readonly brokers?: number;
} = {}): Promise<EmbeddedBroker> {
  const make = (): RdProducer => new librdkafka.Producer({ 'test.mock.num.brokers': brokers });
  const host = await connect('admin', SILENT, make);
  const found = await metadata(host, '', 2000);
  return {
    bootstrapServers: found.brokers.map(({ host, port }) => `${host}:${port}`).join(','),
    properties: PROPERTIES,
    close: () => disconnect(host),
  };
}
