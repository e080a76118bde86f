import { startEmbeddedBroker } from '@kafka-http-proxy/kafka';
import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import { startKafka } from './kafka/real-kafka.js';
import type { BrokerUnderTest } from './services/bridge.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The broker that the integration tests run against. */
    broker: BrokerUnderTest;
  }
}

/**
 * Gives the integration tests a broker, `inject('broker')`, by KHP_TEST_BROKER: `embedded` (or unset)
 * starts the embedded one here, where it listens on real ports; `kafka` takes the one at
 * KAFKA_BOOTSTRAP_SERVERS (with KAFKA_PROPERTIES, JSON), or starts Apache Kafka, KHP_KAFKA_VERSION of it.
 * The projects of one run share it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.started ??= startBroker(process.env.KHP_TEST_BROKER || 'embedded');
  shared.users++;
  const { broker, stop } = await shared.started;
  project.provide('broker', broker);
  return async () => {
    if (--shared.users === 0) await stop();
  };
}

/** What the projects share: each has this module for itself. */
interface SharedBroker {
  started?: Promise<StartedBroker>;
  users: number;
}

const KEY = Symbol.for('@kafka-http-proxy/testkit: broker');
const holder = globalThis as { [KEY]?: SharedBroker };
holder[KEY] ??= { users: 0 };
const shared = holder[KEY];

interface StartedBroker {
  readonly broker: BrokerUnderTest;
  stop(): Promise<void>;
}

async function startBroker(kind: string): Promise<StartedBroker> {
  if (kind === 'embedded') {
    const { bootstrapServers, properties, close } = await startEmbeddedBroker();
    return { broker: { kind, bootstrapServers, properties }, stop: close };
  }
  if (kind !== 'kafka') throw new Error(`KHP_TEST_BROKER is ${kind}; expected embedded or kafka`);
  const given = process.env.KAFKA_BOOTSTRAP_SERVERS;
  if (given) {
    const properties = JSON.parse(process.env.KAFKA_PROPERTIES || '{}') as BrokerUnderTest['properties'];
    return { broker: { kind, bootstrapServers: given, properties }, stop: async () => undefined };
  }
  const version = process.env.KHP_KAFKA_VERSION;
  const { bootstrapServers, stop } = await startKafka(version ? { version } : {});
  return { broker: { kind, bootstrapServers, properties: {} }, stop };
}
