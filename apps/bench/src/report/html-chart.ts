import type { Chart } from './chart.js';
import { html, type Markup } from './markup.js';
import { isEmpty, plotOf } from './plot.js';

/** A chart: the place where the page's script draws plot number `index`, and its data for who can't see that. */
export function formatChart(chart: Chart, index: number): Markup {
  const { title, x, y, series } = chart;
  const about = `${y.label} by ${x.label}`;
  return html`<figure>
<figcaption>${title}</figcaption>
${isEmpty(plotOf(chart)) ? EMPTY : html`<div class="plot" data-plot="${index}" role="img" aria-label="${title}: ${about}; its data follow as a table"></div>\n`}<details>
<summary>Data: ${about}</summary>
<div class="scroll" role="region" aria-label="Data of ${title}" tabindex="0">
<table class="data">
<thead><tr><th scope="col">${x.label}</th>${series.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>
${x.values.map(
  (value, row) =>
    html`<tr><th scope="row">${formatPlain(value)}</th>${series.map(
      ({ values }) => html`<td>${formatPlain(values[row] ?? null)}</td>`,
    )}</tr>\n`,
)}</tbody>
</table>
</div>
</details>
</figure>
`;
}

/** Axes without a line would look like a page that is broken. */
const EMPTY = html`<p>Nothing to draw.</p>\n`;

/** A chart knows no unit: whole numbers as they are, others with six digits that count. */
function formatPlain(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return '-';
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
}
