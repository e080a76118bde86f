/** How values lie along an axis. A logarithmic one has no place for 0 and less. */
export type Scale = 'linear' | 'log';

/** One line of a chart. */
export interface Series {
  readonly name: string;
  /** One for each value of x; null where nothing was measured, which the line leaves open. */
  readonly values: readonly (number | null)[];
}

/**
 * Lines over one x, such as throughput by connections or memory by time. Percentiles crowd at their end;
 * as `one request of n is slower` (2, 10, 100, 1000) on a logarithmic x they have room.
 */
export interface Chart {
  readonly title: string;
  /** A label names its unit: `connections`, `seconds`. */
  readonly x: { readonly label: string; readonly values: readonly number[]; readonly scale: Scale };
  readonly y: { readonly label: string; readonly scale: Scale };
  readonly series: readonly Series[];
}
