import { Command } from 'commander';
import { createCleanup } from '../machine/cleanup.js';
import { parseCount, runDriver } from '../machine/command-line.js';
import { createProgress } from '../machine/progress.js';
import { BROKER_FAULTS } from './brokers.js';
import { DATA_FAULTS } from './data.js';
import { type Desk, type Run, runAll } from './lanes.js';
import { LIFE_FAULTS } from './lives.js';
import { NETWORK_FAULTS } from './network.js';
import { OVERLOAD, runOverload } from './overload.js';
import { type FaultResult, runFault } from './run-fault.js';
import { SERVICE_FAULTS } from './services.js';
import { formatTable } from './table.js';

const RUNS: readonly Run[] = [
  ...[...SERVICE_FAULTS, ...DATA_FAULTS, ...LIFE_FAULTS, ...NETWORK_FAULTS, ...BROKER_FAULTS].map(
    (fault): Run => ({ ...fault, alone: fault.brokers > 1, run: (kafka) => runFault(fault, kafka) }),
  ),
  { name: OVERLOAD, brokers: 1 as const, alone: true, short: true, run: runOverload },
].sort((a, b) => a.brokers - b.brokers);

const command = new Command('test:faults')
  .description(
    'Breaks one thing after the other on Apache Kafka (Java 17, Maven) while clients ask, and holds what every side ' +
      'saw against what README.md promises.',
  )
  .argument('[name...]', 'parts of names; all faults without')
  .option('--short', 'those that CI runs')
  .option(
    '--at-once <n>',
    'so many at a time, each on a Kafka of its own, but those that want the machine',
    parseCount,
    1,
  )
  .option('--list', 'prints their names')
  .option('--json', 'prints JSON instead of the table');

process.exitCode = await runDriver(command, main);

interface Options {
  readonly short?: true;
  readonly atOnce: number;
  readonly list?: true;
  readonly json?: true;
}

async function main(): Promise<number> {
  const { short: onlyShort, atOnce, list, json } = command.opts<Options>();
  const parts = command.args;
  const chosen = RUNS.filter(({ name, short }) =>
    parts.length > 0 ? parts.some((part) => name.includes(part)) : short || !onlyShort,
  );
  if (list || chosen.length === 0) {
    process.stdout.write(`${RUNS.map(({ name }) => name).join('\n')}\n`);
    return chosen.length === 0 ? 2 : 0;
  }
  const progress = createProgress();
  const cleanup = createCleanup();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Each time: a process group gets it twice, and what was started is ended all the same.
    process.on(signal, () => void cleanup.run().then(() => process.exit(130)));
  }
  const results = new Map<Run, FaultResult>();
  const desk: Desk = {
    progress,
    cleanup,
    tell(run, result) {
      results.set(run, result);
      const verdict = result.complaints.length === 0 ? 'ok' : 'FAILED';
      progress.tell(`${results.size} of ${chosen.length}: ${verdict} ${run.name}`);
    },
  };
  try {
    await runAll(chosen, atOnce, desk);
  } finally {
    progress.say('stopping');
    await cleanup.run();
    progress.clear();
  }
  // In their own order, whichever ended first.
  const told = chosen.flatMap((run) => results.get(run) ?? []);
  process.stdout.write(json ? `${JSON.stringify(told, undefined, 2)}\n` : formatTable(told));
  return told.every(({ complaints }) => complaints.length === 0) ? 0 : 1;
}
