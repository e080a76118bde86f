import type { Mark } from './mark.js';

/** What one run did, by its marks. */
export interface Run {
  readonly run: string;
  readonly by: string;
  /** Its first and last mark, ms since the epoch. */
  readonly from: number;
  readonly to: number;
  /** Letters by the last state that the run gave them. */
  readonly counts: Readonly<Partial<Record<Mark['state'], number>>>;
}

/** Collects runs from marks in their order. */
export interface Runs {
  add(letter: string, mark: Mark): void;
  /** The last {@link MAX_RUNS}, oldest first. */
  all(): Run[];
}

/** Anybody who may write marks may name runs: so many are kept. */
export const MAX_RUNS = 1000;

/**
 * @example
 * const runs = createRuns();
 * runs.add('0:41', mark);
 */
export function createRuns(): Runs {
  const runs = new Map<string, Run>();
  const lastOf = new Map<string, Mark>();

  return {
    add(letter, mark) {
      const { run, by, at, state } = mark;
      const known = runs.get(run) ?? { run, by, from: at, to: at, counts: {} };
      const before = lastOf.get(letter);
      const counts = { ...known.counts };
      // A run gives a letter several marks: sending, then what came of it.
      if (before?.run === run) counts[before.state] = (counts[before.state] ?? 1) - 1;
      counts[state] = (counts[state] ?? 0) + 1;
      lastOf.set(letter, mark);
      // The one that did something last is the last to be forgotten.
      runs.delete(run);
      runs.set(run, { ...known, from: Math.min(known.from, at), to: Math.max(known.to, at), counts });
      if (runs.size > MAX_RUNS) runs.delete(runs.keys().next().value as string);
    },
    all: () => [...runs.values()].sort((a, b) => a.from - b.from),
  };
}
