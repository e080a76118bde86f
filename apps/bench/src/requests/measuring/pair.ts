import type { BenchRun } from './bench-run.js';
import { type Load, measureRounds } from './measure.js';
import { openBridge, openFloor, type Subject, type SubjectOptions } from './subject.js';

/** The bridge and the floor beside it. */
export interface Pair {
  readonly bridge: Subject;
  readonly floor: Subject;
}

/** Partitions of a topic, where they are not what is measured. */
export const PARTITIONS = 4;

export const SMALL: Pick<Load, 'target' | 'bodyBytes' | 'keys'> = { target: '/small', bodyBytes: 0, keys: 0 };

/** Runs a load that is not measured against each of them. */
export async function warmUp(run: BenchRun, subjects: Readonly<Record<string, Subject>>): Promise<void> {
  const load = { ...SMALL, connections: 64, seconds: run.options.warmUpSeconds };
  await measureRounds(run, subjects, load, { rounds: 1, doing: 'warming up' });
}

/** Runs `measure` on a pair whose code is warm, and closes it. */
export async function withPair<T>(
  run: BenchRun,
  options: Partial<SubjectOptions>,
  measure: (pair: Pair) => Promise<T>,
): Promise<T> {
  const { context, backend } = run;
  const { env, profile } = run.options;
  const all = { backend, partitions: PARTITIONS, profile, ...options, env: { ...env, ...options.env } };
  const pair = { bridge: await openBridge(context, all), floor: await openFloor(context, all) };
  try {
    await warmUp(run, { ...pair });
    return await measure(pair);
  } finally {
    await Promise.all([pair.bridge.close(), pair.floor.close()]);
  }
}
