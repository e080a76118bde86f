import type { LetterRow } from './letter-row.js';
import { VERDICTS, type Verdict } from './verdict.js';

/** Letters that failed alike. */
export interface LetterGroup extends Pick<LetterRow, 'topic' | 'code' | 'method' | 'sent' | 'verdict'> {
  readonly count: number;
  /** ms since the epoch. */
  readonly oldest: number;
  /** ms since the epoch. */
  readonly newest: number;
}

/** Letters, grouped. */
export interface LetterSummary {
  add(row: LetterRow): void;
  /** The open ones by topic, code, method, sent and verdict; a topic's most first. */
  groups(): LetterGroup[];
  /** How many of each verdict are open, in the order of the verdicts; none that has none. */
  verdicts(): [Verdict, number][];
  /** How many are open. */
  open(): number;
  /** How many are settled: they are in no group. */
  settled(): number;
}

/** Strangers name methods: what is beyond so many groups is one group. */
const MAX_GROUPS = 1000;
/** The method of that group. */
export const OTHER_METHODS = '(others)';

/**
 * @example
 * const summary = createSummary();
 * for (const row of rows) summary.add(row);
 * summary.groups();
 */
export function createSummary(): LetterSummary {
  const groups = new Map<string, LetterGroup>();
  let settled = 0;
  let open = 0;

  const groupFor = (row: LetterRow): [string, Omit<LetterGroup, 'count' | 'oldest' | 'newest'>] => {
    const { topic, code, method, sent, verdict } = row;
    const key = JSON.stringify([topic, code, method, sent, verdict]);
    if (groups.has(key) || groups.size < MAX_GROUPS) return [key, { topic, code, method, sent, verdict }];
    return [verdict, { topic: null, code: null, method: OTHER_METHODS, sent: null, verdict }];
  };
  return {
    add(row) {
      if (row.settled !== null) {
        settled++;
        return;
      }
      open++;
      const [key, named] = groupFor(row);
      const { count, oldest, newest } = groups.get(key) ?? { count: 0, oldest: row.at, newest: row.at };
      const times = { oldest: Math.min(oldest, row.at), newest: Math.max(newest, row.at) };
      groups.set(key, { ...named, count: count + 1, ...times });
    },
    groups: () =>
      [...groups.values()].sort((a, b) => compare(a.topic, b.topic) || b.count - a.count || a.oldest - b.oldest),
    verdicts() {
      const counts = new Map<Verdict, number>();
      for (const { verdict, count } of groups.values()) counts.set(verdict, (counts.get(verdict) ?? 0) + count);
      return VERDICTS.flatMap((verdict) => (counts.has(verdict) ? [[verdict, counts.get(verdict) as number]] : []));
    },
    open: () => open,
    settled: () => settled,
  };
}

/** Those that name no topic come last. */
function compare(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b ? -1 : 1;
}
