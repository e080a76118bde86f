import { type Measurement, measured, type TargetBound, type Unit } from '../../report/outcome.js';
import { median } from '../../report/percentiles.js';
import type { Rounds, Run } from './measure.js';
import { doubtOf } from './steadiness.js';

/** One figure of a run. */
export type Figure = (run: Run) => number;

export const perSecond: Figure = (run) => run.perSecond;
export const totalCpuMs: Figure = (run) => run.totalCpuMs;

/** A figure of one subject: the median of its rounds. */
export function figureOf(
  name: string,
  runs: readonly Run[],
  figure: Figure,
  unit: Unit,
  target: TargetBound | null = null,
): Measurement {
  const all = runs.map(figure);
  return measured(name, median(all), unit, { runs: all, target });
}

/**
 * The bridge's figure over the floor's, by round, and of these the median: what slowed the machine in one round
 * slowed both. It is no result where the floor's own rounds differ too much in `judgedBy`.
 */
export function ratioOf(
  name: string,
  { bridge, floor }: Rounds<'bridge' | 'floor'>,
  figure: Figure,
  target: TargetBound | null = null,
  judgedBy: Figure = perSecond,
): Measurement {
  const ratios = bridge.map((run, i) => figure(run) / figure(floor[i] as Run));
  return measured(name, median(ratios), 'ratio', { runs: ratios, target, doubt: doubtOf(floor.map(judgedBy)) });
}

/** CPU time of both tiers per request over the floor's: judged by itself, since it is steady where throughput is not. */
export function cpuRatioOf(
  name: string,
  rounds: Rounds<'bridge' | 'floor'>,
  target: TargetBound | null = null,
): Measurement {
  return ratioOf(name, rounds, totalCpuMs, target, totalCpuMs);
}

/** Requests that failed, over all runs. */
export function failedOf(rounds: Rounds): number {
  return Object.values(rounds)
    .flat()
    .reduce((sum, { failed }) => sum + failed, 0);
}

export const atLeast = (value: number): TargetBound => ({ relation: '>=', value });
export const atMost = (value: number): TargetBound => ({ relation: '<=', value });
