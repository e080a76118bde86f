import { median } from './percentiles.js';

/**
 * How much a figure grows over its samples, as a share of their median: 0 where it is flat. By the median of the slopes
 * between all pairs (Theil and Sen): neither a peak nor the saw of garbage collection makes a trend.
 *
 * @param values at even distances in time
 * @example
 * growthOf([100, 101, 99, 100]); // about 0
 */
export function growthOf(values: readonly number[]): number {
  const slopes: number[] = [];
  for (let i = 0; i < values.length; i++) {
    for (let j = i + 1; j < values.length; j++) {
      slopes.push(((values[j] ?? Number.NaN) - (values[i] ?? Number.NaN)) / (j - i));
    }
  }
  return (median(slopes) * (values.length - 1)) / median(values);
}
