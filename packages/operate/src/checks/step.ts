/**
 * How something is. `skip`: it was not looked at, and why is said; `ok` is said of nothing that was not looked at.
 */
export type CheckState = 'ok' | 'warn' | 'FAIL' | 'skip';

/** What was found out about one thing. */
export interface Finding {
  readonly state: CheckState;
  /** A sentence: what it is about, and how it is. May hold strangers' text. */
  readonly what: string;
  /** A line for a shell that puts it right, or shows more of it. */
  readonly fix?: string;
  /** False: what failed leaves others to look at, so checks that need this one look all the same. True when left out. */
  readonly blocks?: boolean;
  /** Numbers for graphs: by name, with unit (`ms`, `s`, none). */
  readonly figures?: Readonly<Record<string, Figure>>;
}

/** A number for graphs. */
export interface Figure {
  readonly value: number;
  readonly unit: '' | 'ms' | 's';
}

/** A finding, and the check that has it. */
export interface CheckLine extends Finding {
  readonly id: string;
}

/** One check: an id, and how it looks. */
export interface CheckStep {
  /** Stable: `kafka.tls.expiry`. */
  readonly id: string;
  /** What it is about where there are several: two tiers that log in differently. */
  readonly scope?: string;
  /** Ids of checks without which this one can't look: when one of the same scope, or without one, failed. */
  readonly needs: readonly string[];
  look(): Promise<readonly Finding[]> | readonly Finding[];
}
