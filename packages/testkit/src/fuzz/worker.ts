import { register } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { createCoverage } from './counters.js';
import { createRandom, mutate } from './mutate.js';
import type { FuzzTarget } from './targets.js';

/** What the worker is told. */
export interface FuzzTask {
  readonly target: string;
  readonly seconds: number;
  readonly seed: number;
  /** The input that is being tried: its length, then its bytes. What holds it is shared, for when this thread hangs. */
  readonly current: SharedArrayBuffer;
}

/** What it tells at the end. */
export interface FuzzReport {
  readonly executions: number;
  readonly elapsedMs: number;
  readonly reached: number;
  readonly known: number;
  readonly corpus: number;
  /** What was thrown, with its stack; null when nothing was. The input is `current`. */
  readonly thrown: string | null;
}

/** Parts of the names of the files whose branches lead the fuzzer. */
const INSTRUMENTED: readonly string[] = ['packages/protocol/dist/', 'packages/service/dist/config/'];

register('./instrument-hooks.js', import.meta.url, { data: INSTRUMENTED });
// Loaded only now, for what it imports to be counted.
const { TARGETS } = await import('./targets.js');
parentPort?.postMessage(run(workerData as FuzzTask, TARGETS));

/** Tries the seeds, and then what grows out of those inputs that came to something new. Stops at the first throw. */
function run({ target: name, seconds, seed, current }: FuzzTask, targets: readonly FuzzTarget[]): FuzzReport {
  const target = targets.find((one) => one.name === name);
  if (target === undefined) throw new Error(`no target ${name}`);
  const [length, bytes] = [new Uint32Array(current, 0, 1), new Uint8Array(current, 4)];
  const coverage = createCoverage();
  const random = createRandom(seed);
  const corpus: Buffer[] = [];
  const startedMs = performance.now();
  let executions = 0;
  const report = (thrown: string | null): FuzzReport => {
    const elapsedMs = performance.now() - startedMs;
    return { executions, elapsedMs, reached: coverage.reached, known: coverage.known, corpus: corpus.length, thrown };
  };
  const attempt = (input: Buffer): string | null => {
    bytes.set(input);
    length[0] = input.length;
    executions++;
    try {
      target.fuzz(input);
    } catch (error) {
      return error instanceof Error ? (error.stack ?? String(error)) : String(error);
    }
    if (coverage.take() || corpus.length === 0) corpus.push(input);
    return null;
  };
  for (const input of target.seeds) {
    const thrown = attempt(input);
    if (thrown !== null) return report(thrown);
  }
  while (performance.now() - startedMs < seconds * 1000) {
    // What came last has been tried least.
    const from = random() < 0.5 ? Math.floor(corpus.length * 0.75) : 0;
    const parent = corpus[from + Math.floor(random() * (corpus.length - from))] as Buffer;
    const thrown = attempt(mutate(parent, corpus, target.words, random));
    if (thrown !== null) return report(thrown);
  }
  return report(null);
}
