import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import { parseCount, runDriver } from '../machine/command-line.js';
import { type FuzzResult, runTarget } from './run-target.js';
import { type FuzzTarget, TARGETS } from './targets.js';

const NAMES = TARGETS.map(({ name }) => name);

const command = new Command('test:fuzz')
  .description(
    'Gives bytes that grow by the branches they reach to what reads the bytes of strangers. Without a target: all of ' +
      'them. Prints a line a target; last, "N passed, N failed".',
  )
  .addArgument(new Argument('[target...]', 'what is fuzzed').choices(NAMES))
  .option('--seconds <n>', 'for each target', parseCount, 30)
  .option('--seed <n>', 'repeats a run', parseCount)
  .option('--list', 'prints the targets');

process.exitCode = await runDriver(command, main);

async function main(): Promise<number> {
  const { list, seconds, seed = randomSeed() } = command.opts<{ list?: true; seconds: number; seed?: number }>();
  if (list) {
    process.stdout.write(`${NAMES.join('\n')}\n`);
    return 0;
  }
  const targets = TARGETS.filter(({ name }) => command.args.length === 0 || command.args.includes(name));
  const folder = mkdtempSync(join(tmpdir(), 'khp-fuzz-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  let failed = 0;
  for (const target of targets) {
    const result = await runTarget(target, { seconds, seed, folder });
    // A fuzzer that did not come to run has found nothing, and shown nothing.
    const idle = result.executions <= target.seeds.length;
    const ok = result.finding === null && !idle;
    if (!ok) failed++;
    process.stdout.write(`${ok ? 'ok     ' : 'FAILED '} ${line(target, result)}\n`);
    if (!ok) process.stdout.write(`${details(target, result, seed)}\n`);
  }
  process.stdout.write(`${targets.length - failed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

function line({ name }: FuzzTarget, { executions, elapsedMs, reached, known, corpus, finding }: FuzzResult): string {
  const perSecond = Math.round(executions / Math.max(elapsedMs / 1000, 0.001));
  const found = finding === null ? 'no finding' : 'a finding';
  return `${name}: ${executions} executions, ${perSecond}/s, ${reached} of ${known} branches, corpus ${corpus}, ${found}`;
}

/** All that is needed to make a test of it. */
function details(target: FuzzTarget, { finding }: FuzzResult, seed: number): string {
  if (finding === null) return `  ${target.name} was not fuzzed`;
  const lines = finding.what.split('\n').slice(0, 15);
  return [`seed ${seed}`, `input (base64): ${finding.input.toString('base64')}`, ...lines]
    .map((text) => `  ${text}`)
    .join('\n');
}

/** 0 is libFuzzer's word for any. */
function randomSeed(): number {
  return 1 + Math.floor(Math.random() * 0x7ffffffe);
}
