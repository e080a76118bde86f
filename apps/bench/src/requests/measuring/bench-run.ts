import { type FastBackend, hasNginx, startNginxBackend } from '../../backend/nginx-backend.js';
import type { BenchContext } from '../../harness/bench-context.js';
import { hasWrk } from '../../load/wrk.js';
import { closedLoop, type Drive } from './drive.js';
import type { RequestsOptions } from './options.js';

/** Lengths of bodies that the backend has, bytes. */
export const BODY_SIZES = [0, 1024, 65_536, 921_600] as const;

/** What all parts of one run share. */
export interface BenchRun {
  readonly context: BenchContext;
  readonly options: RequestsOptions;
  /** Origin of the backend. */
  readonly backend: string;
  readonly drive: Drive;
  /** What stands in for a program that is not installed, a sentence each. */
  readonly notes: readonly string[];
}

/** Seconds of what runs once and not in rounds: as long as half of a subject's rounds together. */
export function onceSeconds({ rounds, seconds }: Pick<RequestsOptions, 'rounds' | 'seconds'>): number {
  return Math.ceil((rounds * seconds) / 2);
}

/** Starts the backend, and finds out what loads can be driven by. */
export async function prepareRun(context: BenchContext, options: RequestsOptions): Promise<BenchRun> {
  const notes: string[] = [];
  const fast = await hasNginx();
  if (!fast) notes.push('The backend is one in Node, which takes more of the machine: nginx is not installed.');
  const wrk = await hasWrk();
  if (!wrk) notes.push('The closed loop is driven by Node, which takes more of the machine: wrk is not installed.');
  const { origin } = fast ? await startNginx(context) : await startNode(context);
  return { context, options, backend: origin, drive: closedLoop(context, wrk), notes };
}

async function startNginx(context: BenchContext): Promise<FastBackend> {
  const backend = await startNginxBackend(BODY_SIZES);
  context.cleanup.add(() => backend.stop());
  return backend;
}

async function startNode(context: BenchContext): Promise<{ readonly origin: string }> {
  const backend = await context.worker('backend', {});
  return { origin: await backend.call('origin') };
}
