import { createHash } from 'node:crypto';
import { formatChart } from './html-chart.js';
import { formatHeader } from './html-header.js';
import { formatEntries } from './html-section.js';
import { html, json, type Markup, raw } from './markup.js';
import { readPageAssets } from './page-assets.js';
import { plotOf } from './plot.js';
import type { Report } from './report.js';

/** A report as one HTML page that loads nothing: to be mailed, kept, and read in years. */
export function formatHtml(report: Report): string {
  const { title, sections } = report;
  const { styles, library, charts } = readPageAssets();
  const plots = sections.flatMap((section) => section.charts ?? []).map(plotOf);
  const scripts = plots.length === 0 ? [] : [library, charts];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(styles, scripts)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
${styles.map((text) => html`<style>${raw(text)}</style>\n`)}</head>
<body>
${formatHeader(report)}<main>
${plots.length === 0 ? null : NO_SCRIPT}${formatSections(report)}</main>
${plots.length === 0 ? null : html`<script type="application/json" id="plots">${json(plots)}</script>\n`}${scripts.map(
  // A module runs after the page is read, and keeps its names to itself; uPlot's has to be seen by the next.
  (text, index) => html`<script type="${index === 0 ? 'text/javascript' : 'module'}">${raw(text)}</script>\n`,
)}</body>
</html>
`.text;
}

const NO_SCRIPT = html`<noscript><p>Charts need JavaScript; the data of each follow as a table.</p></noscript>\n`;

/** Nothing from the network, and of scripts and styles only those that the page was written with. */
function policy(styles: readonly string[], scripts: readonly string[]): string {
  return [
    "default-src 'none'",
    'img-src data:',
    `style-src ${styles.map(hash).join(' ')}`,
    `script-src ${scripts.length === 0 ? "'none'" : scripts.map(hash).join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function formatSections({ sections }: Report): Markup[] {
  let plots = 0;
  return sections.map(
    (section, index) => html`<section id="section-${index}">
<h2>${section.title}</h2>
${(section.notes ?? []).map((note) => html`<p>${note}</p>\n`)}${section.entries.length === 0 ? null : formatEntries(section)}${(
  section.charts ?? []
).map((chart) => formatChart(chart, plots++))}</section>
`,
  );
}
