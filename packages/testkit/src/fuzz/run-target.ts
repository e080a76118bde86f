import { Worker } from 'node:worker_threads';
import type { FuzzTarget } from './targets.js';
import type { FuzzReport, FuzzTask } from './worker.js';

export interface FuzzRun {
  readonly seconds: number;
  /** The same seed and code make the same inputs, one after the other. */
  readonly seed: number;
  /** For the files of the target. */
  readonly folder: string;
}

export interface FuzzResult extends FuzzReport {
  /** Null when nothing was found. */
  readonly finding: { readonly what: string; readonly input: Buffer } | null;
}

/** Bytes shared with the worker: longer than any input. */
const SHARED_BYTES = 65_536;
/** An input that takes longer than this is a finding, ms. */
const HANG_MS = 30_000;
/** More memory is one, too, MiB. */
const MEMORY_MIB = 1024;

/** Fuzzes one target on a thread of its own. */
export function runTarget({ name }: FuzzTarget, { seconds, seed, folder }: FuzzRun): Promise<FuzzResult> {
  const current = new SharedArrayBuffer(SHARED_BYTES);
  const input = () => Buffer.from(new Uint8Array(current, 4).slice(0, new Uint32Array(current, 0, 1)[0]));
  const task: FuzzTask = { target: name, seconds, seed, current };
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: task,
    env: { ...process.env, TMPDIR: folder },
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MIB },
  });
  const none = { executions: 0, elapsedMs: 0, reached: 0, known: 0, corpus: 0, thrown: null };
  return new Promise((resolve) => {
    let late: NodeJS.Timeout | undefined;
    const end = (result: FuzzResult) => {
      clearTimeout(late);
      resolve(result);
      void worker.terminate();
    };
    late = setTimeout(
      () => end({ ...none, finding: { what: `it takes longer than ${HANG_MS} ms`, input: input() } }),
      seconds * 1000 + HANG_MS,
    );
    worker.once('message', (report: FuzzReport) => {
      end({ ...report, finding: report.thrown === null ? null : { what: report.thrown, input: input() } });
    });
    worker.once('error', (error) => end({ ...none, finding: { what: String(error), input: input() } }));
  });
}
