import type { Section } from './outcome.js';

/** All that one run of a benchmark tells. */
export interface Report {
  readonly title: string;
  /** When it was made, in ISO 8601. */
  readonly date: string;
  /** What was typed, so that it can be run again. */
  readonly command: string;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly sections: readonly Section[];
}
