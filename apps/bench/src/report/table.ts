import { type Entry, failures, type Measurement, meets, type Section, type Unit } from './outcome.js';

const NAME_WIDTH = 46;
const VALUE_WIDTH = 12;
const TARGET_WIDTH = 12;

/** All sections as one table of text. */
export function formatTable(sections: readonly Section[]): string {
  const lines = sections.flatMap((section) => [
    '',
    `${section.title.padEnd(NAME_WIDTH)}${'measured'.padStart(VALUE_WIDTH)}${'target'.padStart(TARGET_WIDTH)}`,
    ...(section.notes ?? []).map((note) => `  ${note}`),
    ...section.entries.map(formatEntry),
    ...formatComplaints(section),
  ]);
  return `${lines.slice(1).join('\n')}\n`;
}

const MAX_COMPLAINTS = 10;

function formatComplaints(section: Section): string[] {
  const { complaints = [] } = section;
  if (failures([section]).length === 0 || complaints.length === 0) return [];
  const more = complaints.length > MAX_COMPLAINTS ? [`  … and ${complaints.length - MAX_COMPLAINTS} more`] : [];
  return ['  the services said:', ...complaints.slice(0, MAX_COMPLAINTS).map((line) => `  ${line}`), ...more];
}

function formatEntry(entry: Entry): string {
  if (entry.kind === 'check') {
    return `${`  ${entry.name}`.padEnd(NAME_WIDTH)}${(entry.ok ? 'ok' : 'FAILED').padStart(VALUE_WIDTH)}  ${entry.found}`.trimEnd();
  }
  const value = formatValue(entry.value, entry.unit).padStart(VALUE_WIDTH);
  const { target } = entry;
  const runs = formatRuns(entry);
  const bound = target === null ? '' : `${target.relation} ${formatValue(target.value, entry.unit)}`;
  const doubt = entry.doubt === null ? '' : `no result: ${entry.doubt}`;
  const rest = [doubt, meets(entry) === false ? 'missed' : '', runs && `runs ${runs}`, entry.note ?? '']
    .filter(Boolean)
    .join('; ');
  return `${`  ${entry.name}`.padEnd(NAME_WIDTH)}${value}${bound.padStart(TARGET_WIDTH)}  ${rest}`.trimEnd();
}

/** More are told by their spread. */
const MAX_RUNS = 5;

/** The single runs, or of many the smallest and the largest, without their unit; nothing where there was only one. */
export function formatRuns({ runs, unit }: Pick<Measurement, 'runs' | 'unit'>): string {
  if (runs.length < 2) return '';
  const told = (value: number) => formatNumber(value, unit);
  if (runs.length <= MAX_RUNS) return runs.map(told).join(', ');
  return `${told(Math.min(...runs))} to ${told(Math.max(...runs))} in ${runs.length}`;
}

/** A value with its unit. */
export function formatValue(value: number, unit: Unit): string {
  const number = formatNumber(value, unit);
  return unit === 'count' || unit === 'ratio' ? number : `${number} ${unit}`;
}

const DIGITS: Readonly<Record<Exclude<Unit, 'ms'>, number>> = {
  'MB/s': 0,
  '/s': 0,
  MiB: 0,
  s: 2,
  ratio: 2,
  count: 0,
};

function formatNumber(value: number, unit: Unit): string {
  return Number.isNaN(value) ? '-' : value.toFixed(unit === 'ms' ? millisecondDigits(value) : DIGITS[unit]);
}

/** From CPU time of a request to the latency of a busy machine: three digits that count, about. */
function millisecondDigits(value: number): number {
  if (value >= 10) return 1;
  return value >= 1 ? 2 : 3;
}
