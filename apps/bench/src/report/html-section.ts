import { html, type Markup } from './markup.js';
import { type Check, type Entry, failures, type Measurement, meets, type Section } from './outcome.js';
import { formatRuns, formatValue } from './table.js';

/** The table of a section, and what the services said where a check failed. */
export function formatEntries(section: Section): Markup {
  return html`<table class="entries">
<thead><tr><th scope="col">name</th><th scope="col">measured</th><th scope="col">target</th><th scope="col">single runs</th><th scope="col">note</th></tr></thead>
<tbody>
${section.entries.map(formatEntry)}</tbody>
</table>
${formatComplaints(section)}`;
}

function formatEntry(entry: Entry): Markup {
  return entry.kind === 'check' ? formatCheck(entry) : formatMeasurement(entry);
}

function formatCheck({ name, ok, found }: Check): Markup {
  const result = ok ? html`<span class="good">ok</span>` : html`<span class="bad">FAILED</span>`;
  return html`<tr><th scope="row">${name}</th><td class="value">${result}</td><td class="target"></td><td class="runs"></td><td class="note">${found}</td></tr>\n`;
}

function formatMeasurement(entry: Measurement): Markup {
  const value = formatValue(entry.value, entry.unit);
  return html`<tr><th scope="row">${entry.name}</th><td class="value">${value}</td><td class="target">${formatTarget(entry)}</td><td class="runs">${formatRuns(entry)}</td><td class="note">${formatNote(entry)}</td></tr>\n`;
}

function formatNote({ note, doubt }: Measurement): string | null {
  const text = [doubt === null ? '' : `no result: ${doubt}`, note ?? ''].filter(Boolean).join('; ');
  return text === '' ? null : text;
}

const SIGNS = { '>=': '≥', '<=': '≤', '<': '<' } as const;

function formatTarget(entry: Measurement): Markup | null {
  const { target, unit } = entry;
  if (target === null) return null;
  const met = meets(entry);
  if (met === null) return html`${SIGNS[target.relation]} ${formatValue(target.value, unit)}`;
  const result = met ? html`<span class="good">met</span>` : html`<span class="missed">missed</span>`;
  return html`${SIGNS[target.relation]} ${formatValue(target.value, unit)} ${result}`;
}

function formatComplaints(section: Section): Markup | null {
  const { complaints = [] } = section;
  if (failures([section]).length === 0 || complaints.length === 0) return null;
  return html`<details>
<summary>The services said (${complaints.length})</summary>
<pre class="scroll" tabindex="0">${complaints.join('\n')}</pre>
</details>
`;
}
