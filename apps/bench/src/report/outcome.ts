import type { Chart } from './chart.js';

export type Unit = 'MB/s' | '/s' | 'MiB' | 'ms' | 's' | 'ratio' | 'count';

/** A bound that a measurement should keep. Missing it is told, and is no failure. */
export interface TargetBound {
  readonly relation: '>=' | '<=' | '<';
  readonly value: number;
}

export interface Measurement {
  readonly kind: 'measurement';
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  readonly target: TargetBound | null;
  /** Values of single runs, where it is the median of several. */
  readonly runs: readonly number[];
  readonly note: string | null;
  /** Why the value is no result: what it stands beside was not steady. Null where it is one. */
  readonly doubt: string | null;
}

/** Something that must hold; the exit code is 1 where it does not. */
export interface Check {
  readonly kind: 'check';
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
}

export type Entry = Measurement | Check;

/** What one part of a benchmark found, in the order in which it is told. */
export interface Section {
  readonly title: string;
  readonly entries: readonly Entry[];
  /** What to know before the figures are read, a sentence each. */
  readonly notes?: readonly string[];
  /** Warnings and errors of the services, told where a check failed. */
  readonly complaints?: readonly string[];
  /** For the page; the table of text has none. */
  readonly charts?: readonly Chart[];
}

export function measured(
  name: string,
  value: number,
  unit: Unit,
  extras: Partial<Pick<Measurement, 'target' | 'runs' | 'note' | 'doubt'>> = {},
): Measurement {
  return { kind: 'measurement', name, value, unit, target: null, runs: [], note: null, doubt: null, ...extras };
}

export function checked(name: string, ok: boolean, found: string): Check {
  return { kind: 'check', name, ok, found };
}

/** Whether the target was met; null where there is none, or no result. */
export function meets({ value, target, doubt }: Pick<Measurement, 'value' | 'target' | 'doubt'>): boolean | null {
  if (target === null || doubt !== null) return null;
  if (target.relation === '>=') return value >= target.value;
  return target.relation === '<' ? value < target.value : value <= target.value;
}

/** Those that are no result. */
export function doubtful(sections: readonly Section[]): Measurement[] {
  const all = sections.flatMap(({ entries }) => entries);
  return all.filter((entry): entry is Measurement => entry.kind === 'measurement' && entry.doubt !== null);
}

export function failures(sections: readonly Section[]): Check[] {
  return sections.flatMap(({ entries }) => entries.filter((entry) => entry.kind === 'check' && !entry.ok)) as Check[];
}
