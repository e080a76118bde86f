import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** What every page holds besides its figures. */
export interface PageAssets {
  readonly styles: readonly string[];
  /** uPlot, with its licence: who passes a page on passes uPlot on. */
  readonly library: string;
  /** Draws the charts, by uPlot. */
  readonly charts: string;
}

const uplot = createRequire(import.meta.url);

/** From `src/report` and from `dist/report` alike, `page` is the folder of what browsers read as it is. */
const PAGE = new URL('../../page/', import.meta.url);

/** Reads them anew: a run writes one page. */
export function readPageAssets(): PageAssets {
  const ofUPlot = (path: string) => readFileSync(uplot.resolve(`uplot/${path}`), 'utf8');
  const ofPage = (name: string) => readFileSync(new URL(name, PAGE), 'utf8');
  return {
    styles: [ofUPlot('dist/uPlot.min.css'), ofPage('page.css')],
    library: `/*\n${ofUPlot('LICENSE')}\n*/\n${ofUPlot('dist/uPlot.iife.min.js')}`,
    charts: ofPage('charts.js'),
  };
}
