/** What times of many requests come to, in the unit of the times. */
export interface Statistics {
  readonly count: number;
  readonly min: number;
  readonly average: number;
  /** 95 of 100 took no longer: the nearest rank, so that it is one of the times. */
  readonly p95: number;
  readonly max: number;
}

/**
 * Null of no times.
 *
 * @example
 * statisticsOf([3, 1, 2]); // { count: 3, min: 1, average: 2, p95: 3, max: 3 }
 */
export function statisticsOf(times: readonly number[]): Statistics | null {
  const sorted = Float64Array.from(times).sort();
  const count = sorted.length;
  const at = (index: number) => sorted[index] as number;
  if (count === 0) return null;
  return {
    count,
    min: at(0),
    average: sorted.reduce((sum, time) => sum + time, 0) / count,
    p95: at(Math.ceil(count * 0.95) - 1),
    max: at(count - 1),
  };
}
