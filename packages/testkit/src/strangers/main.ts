import { Command } from 'commander';
import { startKafka } from '../kafka/real-kafka.js';
import { createCleanup } from '../machine/cleanup.js';
import { runDriver } from '../machine/command-line.js';
import { createProgress, type Progress } from '../machine/progress.js';
import { GROUPS } from './groups.js';
import { formatLine, type Told } from './line.js';
import { notRun, runCheck } from './run-check.js';
import { CATALOGUE } from './stage/catalogue.js';
import type { Arena, Check, Ground, Group } from './stage/check.js';
import { CONTAINER_BYTES, findContainer } from './stage/container.js';

const command = new Command('test:strangers')
  .description(
    'Plays strangers on three sides (HTTP clients, writers of a topic, backends) against both tiers as processes, on ' +
      'Apache Kafka (Java 17, Maven). A line for each input: what was tried, what it took on 2.0.0, what the processes ' +
      'held at their peak, what others got meanwhile.',
  )
  .argument('[id...]', 'parts of ids; all of them without')
  .option('--list', 'prints the ids');

process.exitCode = await runDriver(command, main);

async function main(): Promise<number> {
  const parts = command.args;
  const wanted = (id: string) => parts.length === 0 || parts.some((part) => id.includes(part));
  const groups = GROUPS.map((group) => ({ ...group, checks: group.checks.filter(({ id }) => wanted(id)) }));
  const count = groups.flatMap(({ checks }) => checks).length;
  if (command.opts<{ list?: true }>().list || count === 0) {
    process.stdout.write(`${Object.keys(CATALOGUE).join('\n')}\n`);
    return count === 0 ? 2 : 0;
  }
  return await run(groups.filter(({ checks }) => checks.length > 0));
}

async function run(groups: readonly Group[]): Promise<number> {
  const progress = createProgress();
  const cleanup = createCleanup();
  const stopping = new AbortController();
  const stop = (code: number) => {
    stopping.abort();
    void cleanup.run().then(() => process.exit(code));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(130));
  // Also when nobody reads the lines any more: Kafka must not be left running.
  process.once('uncaughtException', (error) => {
    process.stderr.write(`${error.stack}\n`);
    stop(1);
  });
  let passed = 0;
  let failed = 0;
  const tell = (told: Told) => {
    // What is ended in the middle has failed at nothing.
    if (stopping.signal.aborted) return;
    progress.clear();
    process.stdout.write(`${formatLine(told)}\n`);
    if (told.complaints.length === 0) passed++;
    else failed++;
  };
  try {
    progress.say('starting Kafka');
    const container = await findContainer();
    const starting = startKafka({ forSpeed: true });
    cleanup.add(async () => await (await starting).stop());
    const kafka = await starting;
    process.stdout.write(`each process in ${CONTAINER_BYTES / 1024 / 1024} MiB by ${container.kind}\n`);
    for (const group of groups)
      await runGroup(group, { kafka, container }, { progress, cleanup, tell, stopped: stopping.signal });
  } finally {
    progress.say('stopping');
    await cleanup.run();
    progress.clear();
  }
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

interface Desk {
  readonly progress: Progress;
  readonly cleanup: ReturnType<typeof createCleanup>;
  tell(told: Told): void;
  /** Aborted when the whole is to end. */
  readonly stopped: AbortSignal;
}

/** Runs the checks of a group in turn; after one that broke something the next has processes of its own. */
async function runGroup({ open, checks }: Group, ground: Ground, desk: Desk): Promise<void> {
  const { progress, cleanup, tell, stopped } = desk;
  if (stopped.aborted) return;
  let arena: Promise<Arena> | null = null;
  const close = async () => {
    const last = arena;
    arena = null;
    await (await last?.catch(() => null))?.close();
  };
  cleanup.add(close);
  const opened = (): Promise<Arena> => {
    if (arena === null) progress.say('starting the tiers');
    arena ??= open(ground);
    return arena;
  };
  const runOne = async (check: Check<Arena>) => {
    const told = await opened().then(
      (stack) => runCheck(check, stack),
      (error: Error) => notRun(check.id, error),
    );
    tell(told);
    return told;
  };
  const beside = checks.filter(({ alongside }) => alongside).map(runOne);
  for (const check of checks.filter(({ alongside }) => !alongside)) {
    if (stopped.aborted) return;
    progress.say(`${CATALOGUE[check.id].point} ${CATALOGUE[check.id].tried}`);
    const { broke } = await runOne(check);
    if (broke) await close();
  }
  await Promise.all(beside);
  await close();
}
