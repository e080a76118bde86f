import { type Measurement, measured, type TargetBound, type Unit } from '../../report/outcome.js';
import { median } from '../../report/percentiles.js';
import type { Rounds, Run } from './measure.js';

/** One figure of a run. */
export type Figure = (run: Run) => number;

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
 * slowed both.
 */
export function ratioOf(
  name: string,
  { bridge, floor }: Rounds<'bridge' | 'floor'>,
  figure: Figure,
  target: TargetBound | null = null,
): Measurement {
  const ratios = bridge.map((run, i) => figure(run) / figure(floor[i] as Run));
  return measured(name, median(ratios), 'ratio', { runs: ratios, target });
}

/** Requests that failed, over all runs. */
export function failedOf(rounds: Rounds): number {
  return Object.values(rounds)
    .flat()
    .reduce((sum, { failed }) => sum + failed, 0);
}

export const atLeast = (value: number): TargetBound => ({ relation: '>=', value });
export const atMost = (value: number): TargetBound => ({ relation: '<=', value });
