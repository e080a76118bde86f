import { createOutcomeFilter, type Filter, type Moment, type Time } from '@kafka-http-proxy/operate';
import type { BodyFlags } from '../bodies/options.js';
import type { ConnectionFlags } from '../connection/options.js';
import { type FilterFlags, filterOf } from '../filters/options.js';
import { boundsOf } from '../filters/times.js';
import type { MaskingFlags } from '../masking/options.js';
import { mistake } from '../operator/exit.js';
import type { OutputFlags } from '../output/options.js';

/** What `tail` was asked for, as it was typed. */
export interface TailFlags extends ConnectionFlags, OutputFlags, FilterFlags, MaskingFlags, BodyFlags {
  readonly pair?: true;
  readonly lines?: string;
  readonly follow?: true;
  readonly headers?: true;
  readonly all?: true;
  readonly maxOpen: string;
}

/** What is to be read, and what of it is to be printed. */
export interface TailPlan {
  /** Most lines, the last ones; null: all. */
  readonly lines: number | null;
  /** Null: as far back as the lines need. */
  readonly since: Moment | null;
  /** Null: until the end that there is now. */
  readonly until: Moment | null;
  readonly follow: boolean;
  /** Of a record. */
  readonly filter: Filter;
  /** Of a pair, by its status and its code; null: any. */
  readonly pairFilter: ReturnType<typeof createOutcomeFilter> | null;
  readonly maxOpen: number;
  /** Times that had no zone and are taken for UTC. */
  readonly assumedUtc: readonly Time[];
}

const DEFAULT_LINES = 20;

/**
 * Reads the command line of `tail`.
 *
 * @param nowMs what durations are relative to, ms since the epoch
 * @throws CommandFailure, TimeMistake, FilterMistake about what was typed
 */
export function planOf(flags: TailFlags, nowMs: number): TailPlan {
  const { since, until, assumedUtc } = boundsOf(flags, nowMs);
  if (flags.follow && until !== null) throw mistake('--follow has no end: leave --until out, or the end of --since');
  if (flags.pair && (flags.bodies !== 'none' || flags.headers)) {
    throw mistake('--pair prints neither headers nor bodies: look for the id with tail --id … -i --bodies full');
  }
  const { status, code, ...ofRequest } = flags;
  const hasPairFilter = flags.pair === true && (status !== undefined || code !== undefined);
  return {
    lines: linesOf(flags),
    since,
    until,
    follow: flags.follow === true,
    filter: flags.pair ? filterOf(ofRequest) : filterOf(flags),
    pairFilter: hasPairFilter ? createOutcomeFilter({ status, code }) : null,
    maxOpen: countOf('--max-open', flags.maxOpen, 1),
    assumedUtc,
  };
}

function linesOf({ lines, since }: TailFlags): number | null {
  if (lines !== undefined) return lines === 'all' ? null : countOf('--lines', lines, 0);
  return since === undefined ? DEFAULT_LINES : null;
}

function countOf(option: string, text: string, least: number): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= least) return count;
  throw mistake(`${option}: a number of at least ${least} was expected, ${JSON.stringify(text)} was found`);
}
