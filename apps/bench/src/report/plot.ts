import type { Chart, Scale } from './chart.js';

/** With more values of x than this, ticks at each would be a blur: the axis then chooses its own. */
const MAX_TICKS = 12;

/** A chart as the page's script draws it: only what can be drawn, in the order of x. */
export interface Plot {
  readonly x: { readonly label: string; readonly scale: Scale; readonly ticks: readonly number[] | null };
  readonly y: { readonly label: string; readonly scale: Scale };
  readonly names: readonly string[];
  /** The values of x, then those of each series. */
  readonly data: readonly [readonly number[], ...(readonly (number | null)[])[]];
}

/** uPlot wants x ascending, and draws nothing sensible for NaN, or for 0 on a logarithmic axis. */
export function plotOf({ x, y, series }: Chart): Plot {
  const points = x.values
    .map((value, index) => ({ value, index }))
    .filter(({ value }) => isDrawable(value, x.scale))
    .sort((a, b) => a.value - b.value);
  const xs = points.map(({ value }) => value);
  const lines = series.map(({ values }) =>
    points.map(({ index }) => {
      const value = values[index] ?? null;
      return value !== null && isDrawable(value, y.scale) ? value : null;
    }),
  );
  const ticks = [...new Set(xs)];
  return {
    x: { label: x.label, scale: x.scale, ticks: ticks.length > MAX_TICKS ? null : ticks },
    y: { label: y.label, scale: y.scale },
    names: series.map(({ name }) => name),
    data: [xs, ...lines],
  };
}

/** Whether there is a point in it at all. */
export function isEmpty({ data: [, ...lines] }: Plot): boolean {
  return lines.every((line) => line.every((value) => value === null));
}

function isDrawable(value: number, scale: Scale): boolean {
  return Number.isFinite(value) && (scale === 'linear' || value > 0);
}
