import {
  type BrokerUnderTest,
  type Cleanup,
  createCleanup,
  createProgress,
  type Progress,
  startKafka,
} from '@kafka-http-proxy/testkit';
import type { Job, RoleName } from './roles.js';
import { startWorker, type Worker } from './worker.js';

/** What every part of a benchmark is given. */
export interface BenchContext {
  readonly progress: Progress;
  readonly cleanup: Cleanup;
  /** The broker: the one that was named, else one of our own, started when it is first asked for. */
  broker(): Promise<BrokerUnderTest>;
  /** Process ids by name: these, and a broker of our own. */
  withBroker(pids: Iterable<readonly [string, number]>): ReadonlyMap<string, number>;
  /** A worker that ends with the run at the latest. */
  worker<R extends RoleName>(role: R, job: Job<R>): Promise<Worker<R>>;
}

export function createBenchContext(env: NodeJS.ProcessEnv): BenchContext {
  const cleanup = createCleanup();
  const progress = createProgress();
  let broker: Promise<BrokerUnderTest> | undefined;
  let brokerPids: readonly number[] = [];

  const openBroker = async (): Promise<BrokerUnderTest> => {
    const given = env.KAFKA_BOOTSTRAP_SERVERS;
    if (given) {
      const properties = JSON.parse(env.KAFKA_PROPERTIES || '{}') as BrokerUnderTest['properties'];
      return { kind: 'kafka', bootstrapServers: given, properties };
    }
    progress.say('starting Kafka');
    const own = await startKafka({ forSpeed: true });
    cleanup.add(() => own.stop());
    brokerPids = own.pids;
    return { kind: 'kafka', bootstrapServers: own.bootstrapServers, properties: {} };
  };
  return {
    progress,
    cleanup,
    broker: () => (broker ??= openBroker()),
    withBroker: (others) => new Map([...others, ...brokerPids.map((pid) => ['broker', pid] as const)]),
    async worker(role, job) {
      const worker = await startWorker(role, job);
      cleanup.add(() => worker.stop());
      return worker;
    },
  };
}
