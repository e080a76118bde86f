import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type FuzzResult, runTarget } from './run-target.js';
import { type FuzzTarget, TARGETS } from './targets.js';

const USAGE = `test:fuzz [--seconds N] [--seed N] [target …]

Gives bytes that grow by the branches they reach to what reads the bytes of strangers. Without a target: all of
them. Prints a line a target; last, "N passed, N failed".

  --seconds N   for each target; 30 when left out
  --seed N      repeats a run
  --list        the targets
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = read();
  if (typeof options === 'number') return options;
  const { targets, seconds, seed } = options;
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

function read(): { targets: readonly FuzzTarget[]; seconds: number; seed: number } | number {
  const wrong = (sentence: string): number => {
    process.stderr.write(`${sentence}\n${USAGE}`);
    return 2;
  };
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse();
  } catch (error) {
    return wrong((error as Error).message);
  }
  const { values, positionals } = parsed;
  if (values.help || values.list) {
    process.stdout.write(values.help ? USAGE : `${TARGETS.map(({ name }) => name).join('\n')}\n`);
    return 0;
  }
  const unknown = positionals.find((name) => !TARGETS.some((target) => target.name === name));
  if (unknown !== undefined)
    return wrong(`${unknown}: one of ${TARGETS.map(({ name }) => name).join(', ')} was expected`);
  const [seconds, seed] = [Number(values.seconds), Number(values.seed ?? randomSeed())];
  if (!Number.isInteger(seconds) || seconds < 1)
    return wrong(`--seconds ${values.seconds}: a whole number, 1 or more was expected`);
  if (!Number.isInteger(seed) || seed < 1)
    return wrong(`--seed ${values.seed}: a whole number, 1 or more was expected`);
  const chosen = TARGETS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  return { targets: chosen, seconds, seed };
}

/** 0 is libFuzzer's word for any. */
function randomSeed(): number {
  return 1 + Math.floor(Math.random() * 0x7ffffffe);
}

function parse() {
  return parseArgs({
    options: {
      seconds: { type: 'string', default: '30' },
      seed: { type: 'string' },
      list: { type: 'boolean' },
      help: { type: 'boolean' },
    },
    allowPositionals: true,
  });
}
