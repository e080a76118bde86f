import { COUNTERS } from './instrument-hooks.js';

/** What of the instrumented files was reached. */
export interface Coverage {
  /** Statements and branches that were reached so far. */
  readonly reached: number;
  readonly known: number;
  /** Takes in what the last run did. True when it came to something new, or did it far more often than any before. */
  take(): boolean;
}

type Counts = Record<string, number>;
interface FileCounters {
  readonly s: Counts;
  readonly f: Counts;
  readonly b: Readonly<Record<string, number[]>>;
}

/** Reads the counters of all files that are loaded by now. */
export function createCoverage(): Coverage {
  const files = Object.values((Reflect.get(globalThis, COUNTERS) ?? {}) as Record<string, FileCounters>);
  const tables = files.flatMap(({ s, f, b }) => [s, f, ...(Object.values(b) as unknown as Counts[])]);
  const counters = tables.flatMap((counts) => Object.keys(counts).map((name) => ({ counts, name })));
  const seen = new Uint32Array(counters.length);
  let reached = 0;
  return {
    get reached() {
      return reached;
    },
    known: counters.length,
    take() {
      let isNew = false;
      for (const [i, { counts, name }] of counters.entries()) {
        const count = counts[name] as number;
        if (count === 0) continue;
        counts[name] = 0;
        // By powers of two, as AFL does: 3 and 4 times differ, 100 and 101 do not.
        const bucket = 1 << Math.min(31, Math.floor(Math.log2(count)));
        const before = seen[i] as number;
        if ((before & bucket) !== 0) continue;
        if (before === 0) reached++;
        seen[i] = before | bucket;
        isNew = true;
      }
      return isNew;
    },
  };
}
