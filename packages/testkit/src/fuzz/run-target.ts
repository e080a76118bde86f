import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cleanup } from '../cleanup.js';
import type { FuzzTarget } from './targets.js';

export interface FuzzRun {
  readonly seconds: number;
  /** Of libFuzzer: the same seed, corpus and code make the same run. */
  readonly seed: number;
  /** Where corpus and findings go. */
  readonly folder: string;
  /** Ends the fuzzer where this process is told to end. */
  readonly cleanup: Cleanup;
}

export interface FuzzResult {
  readonly executions: number;
  readonly perSecond: number;
  /** Branches reached, by libFuzzer's count. */
  readonly coverage: number;
  readonly corpus: number;
  /** Null when nothing was found. */
  readonly finding: Finding | null;
}

export interface Finding {
  readonly report: string;
  /** What found it, where the fuzzer kept it. */
  readonly input: Buffer | null;
}

/** Longest input, bytes. */
const MAX_INPUT = 4096;
/** A single input that takes longer is a finding, ms. */
const INPUT_TIMEOUT_MS = 20_000;

/** Fuzzes one target with Jazzer.js, guided by its branches, in a process of its own. */
export async function runTarget(target: FuzzTarget, { seconds, seed, folder, cleanup }: FuzzRun): Promise<FuzzResult> {
  const corpus = join(folder, target.name, 'corpus');
  const findings = join(folder, target.name, 'findings');
  for (const path of [corpus, findings]) mkdirSync(path, { recursive: true });
  for (const [i, bytes] of target.seeds.entries()) writeFileSync(join(corpus, `seed-${i}`), bytes);

  const cli = join(dirname(createRequire(import.meta.url).resolve('@jazzer.js/core')), 'cli.js');
  const targets = fileURLToPath(new URL('./targets.js', import.meta.url));
  const jazzer = [targets, corpus, '--sync', '--fuzzEntryPoint', target.entry, '--timeout', String(INPUT_TIMEOUT_MS)];
  // Its own exclude would be all of node_modules, with the YAML parser.
  const chosen = ['--excludes', 'jazzer', ...target.instrumented.flatMap((part) => ['--includes', part])];
  const libFuzzer = [
    ...[`-max_total_time=${seconds}`, `-seed=${seed}`, `-max_len=${MAX_INPUT}`, '-print_final_stats=1'],
    `-artifact_prefix=${findings}/`,
  ];
  const child = spawn(process.execPath, [cli, ...jazzer, ...chosen, '--', ...libFuzzer], {
    env: { PATH: process.env.PATH, KHP_FUZZ_FOLDER: folder },
    cwd: fileURLToPath(new URL('../../../../', import.meta.url)),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  cleanup.add(() => void child.kill());
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | string>((resolve) => {
    child.once('close', (status, signal) => resolve(status ?? String(signal)));
  });
  const [found] = readdirSync(findings);
  const failed = code !== 0 || found !== undefined;
  return {
    executions: statistic(output, /stat::number_of_executed_units:\s+(\d+)/),
    perSecond: statistic(output, /stat::average_exec_per_sec:\s+(\d+)/),
    coverage: statistic(output, /\bcov: (\d+)/),
    corpus: statistic(output, /\bcorp: (\d+)/),
    finding: failed ? { report: output, input: found ? readFileSync(join(findings, found)) : null } : null,
  };
}

/** The last number of its kind in libFuzzer's log; 0 where it has none. */
function statistic(output: string, pattern: RegExp): number {
  const last = [...output.matchAll(new RegExp(pattern, 'g'))].at(-1);
  return Number(last?.[1] ?? 0);
}
