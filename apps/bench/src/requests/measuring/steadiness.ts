import { median } from '../../report/percentiles.js';

/** Parts of a measurement that are held against each other: long enough that a round of a second decides nothing. */
const PARTS = 4;
/** Fewer rounds than this have no parts: each stands for itself. */
const MIN_ROUNDS = 2 * PARTS;
/** Most that the floor's own figures may differ, largest over smallest. */
const MAX_UNSTEADY = 1.25;

/**
 * How far the rounds of one subject lie apart, largest over smallest. Of short rounds, single ones always differ, and
 * say nothing of their median: so of eight rounds and more the medians of their four quarters are compared.
 *
 * @param values a figure of each round, in the order in which they ran
 */
export function unsteadiness(values: readonly number[]): number {
  const middles = values.length < MIN_ROUNDS ? values : quarters(values).map(median);
  return Math.max(...middles) / Math.min(...middles);
}

function quarters(values: readonly number[]): number[][] {
  const begin = (part: number) => Math.round((part * values.length) / PARTS);
  return Array.from({ length: PARTS }, (_, part) => values.slice(begin(part), begin(part + 1)));
}

/** Why ratios to a floor with such rounds are no result; null where they are one. */
export function doubtOf(floor: readonly number[]): string | null {
  const apart = unsteadiness(floor);
  return apart <= MAX_UNSTEADY ? null : `the floor's own rounds differ by ${apart.toFixed(2)}`;
}
