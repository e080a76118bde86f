import { parseArgs } from 'node:util';
import { type RealKafka, startKafka } from '../kafka/real-kafka.js';
import { createCleanup } from '../machine/cleanup.js';
import { createProgress } from '../machine/progress.js';
import { BROKER_FAULTS } from './brokers.js';
import { DATA_FAULTS } from './data.js';
import type { Fault } from './fault.js';
import { LIFE_FAULTS } from './lives.js';
import { NETWORK_FAULTS } from './network.js';
import { OVERLOAD, runOverload } from './overload.js';
import { type FaultResult, runFault } from './run-fault.js';
import { SERVICE_FAULTS } from './services.js';
import { formatTable } from './table.js';

/** One run on a cluster. */
interface Run extends Pick<Fault, 'name' | 'brokers' | 'short'> {
  run(kafka: RealKafka): Promise<FaultResult>;
}

const RUNS: readonly Run[] = [
  ...[...SERVICE_FAULTS, ...DATA_FAULTS, ...LIFE_FAULTS, ...NETWORK_FAULTS, ...BROKER_FAULTS].map(
    (fault): Run => ({ ...fault, run: (kafka) => runFault(fault, kafka) }),
  ),
  { name: OVERLOAD, brokers: 1 as const, short: true, run: runOverload },
].sort((a, b) => a.brokers - b.brokers);

const USAGE = `test:faults [--short] [--json] [name …]

Breaks one thing after the other on Apache Kafka (Java 17, Maven) while clients ask, and holds what every side saw
against what README.md promises. Without a name: all of them; a name is a part of one.

  --short   those that CI runs
  --list    their names
  --json    prints JSON instead of the table
`;

process.exitCode = await main();

async function main(): Promise<number> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const chosen = RUNS.filter(({ name, short }) =>
    positionals.length > 0 ? positionals.some((part) => name.includes(part)) : short || !values.short,
  );
  if (values.list || chosen.length === 0) {
    process.stdout.write(`${RUNS.map(({ name }) => name).join('\n')}\n`);
    return chosen.length === 0 ? 2 : 0;
  }
  return await run(chosen, values.json ?? false);
}

function parse() {
  return parseArgs({
    options: {
      short: { type: 'boolean' },
      list: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
    allowPositionals: true,
  });
}

async function run(faults: readonly Run[], json: boolean): Promise<number> {
  const progress = createProgress();
  const cleanup = createCleanup();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Each time: a process group gets it twice, and what was started is ended all the same.
    process.on(signal, () => void cleanup.run().then(() => process.exit(130)));
  }
  const results: FaultResult[] = [];
  let kafka: RealKafka | null = null;
  let brokers = 0;
  try {
    for (const [i, fault] of faults.entries()) {
      if (kafka === null || brokers !== fault.brokers) {
        progress.say('starting Kafka');
        await kafka?.stop();
        kafka = await startKafka({
          brokers: fault.brokers,
          serverProperties: replicated(fault.brokers),
          relayed: fault.brokers === 1,
          autoCreateTopics: false,
        });
        const started = kafka;
        cleanup.add(() => started.stop());
        brokers = fault.brokers;
      }
      progress.say(`${i + 1} of ${faults.length}: ${fault.name}`);
      const result = await fault.run(kafka);
      results.push(result);
      progress.tell(`${i + 1} of ${faults.length}: ${verdict(result)} ${fault.name}`);
    }
  } finally {
    progress.say('stopping');
    await cleanup.run();
    progress.clear();
  }
  process.stdout.write(json ? `${JSON.stringify(results, undefined, 2)}\n` : formatTable(results));
  return results.every(({ complaints }) => complaints.length === 0) ? 0 : 1;
}

function verdict({ complaints }: FaultResult): string {
  return complaints.length === 0 ? 'ok' : 'FAILED';
}

function replicated(brokers: number): Record<string, number> {
  if (brokers === 1) return {};
  return { 'default.replication.factor': 3, 'min.insync.replicas': 2, 'offsets.topic.replication.factor': 3 };
}
