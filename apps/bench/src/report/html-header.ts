import { html, type Markup } from './markup.js';
import { meets } from './outcome.js';
import type { Report } from './report.js';

/** The top of the page: what came out, where and how it was measured, and what follows. */
export function formatHeader(report: Report): Markup {
  return html`<header>
<h1>${report.title}</h1>
${formatSummary(report)}${formatOrigin(report)}${formatContents(report)}</header>
`;
}

/** What a reader wants to know first: did it work, and was it good enough. */
function formatSummary({ sections }: Report): Markup {
  const entries = sections.flatMap((section) => section.entries);
  const checks = entries.flatMap((entry) => (entry.kind === 'check' ? [entry.ok] : []));
  const targets = entries.flatMap((entry) => (entry.kind === 'measurement' ? (meets(entry) ?? []) : []));
  return html`<ul class="summary">
${formatTally('Checks', checks, ['ok', 'FAILED', 'bad'])}${formatTally('Targets', targets, ['met', 'missed', 'missed'])}</ul>
`;
}

function formatTally(name: string, results: readonly boolean[], [yes, no, noClass]: readonly [string, string, string]) {
  if (results.length === 0) return null;
  const good = results.filter(Boolean).length;
  const bad = results.length - good;
  const failed = bad === 0 ? null : html`, <span class="${noClass}">${bad} ${no}</span>`;
  return html`<li>${name}: <span class="good">${good} ${yes}</span>${failed}</li>\n`;
}

function formatOrigin({ date, command, machine }: Report): Markup {
  return html`<dl class="origin">
<div><dt>date</dt><dd><time datetime="${date}">${date.replace(/^([\d-]+)T([\d:]{5}).*Z$/, '$1 $2 UTC')}</time></dd></div>
<div><dt>command</dt><dd><code>${command}</code></dd></div>
${Object.entries(machine).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>
`;
}

function formatContents({ sections }: Report): Markup | null {
  if (sections.length < 2) return null;
  return html`<nav aria-label="Sections"><ul>
${sections.map(({ title }, index) => html`<li><a href="#section-${index}">${title}</a></li>\n`)}</ul></nav>
`;
}
