import { type Bounds, isoTime, parseMoment, parseSpan, type Time } from '@kafka-http-proxy/operate';
import { mistake } from '../operator/exit.js';
import type { Printer } from '../output/printer.js';

/** From when to when is looked for, as it was typed. */
export interface TimeFlags {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** The same, read. */
export interface TypedBounds extends Bounds {
  /** Times that had no zone and are taken for UTC. */
  readonly assumedUtc: readonly Time[];
}

/**
 * Reads `--since` and `--until`.
 *
 * @param nowMs what durations are relative to, ms since the epoch
 * @throws {CommandFailure}, {TimeMistake} about what was typed
 */
export function boundsOf({ since, until }: TimeFlags, nowMs: number): TypedBounds {
  const span = since === undefined ? null : parseSpan(since, { option: '--since', nowMs });
  const typedUntil = until === undefined ? null : parseMoment(until, { option: '--until', nowMs });
  if (span?.to && typedUntil) throw mistake('--until: --since has an end already; leave one of them out');
  const from = span?.from ?? null;
  const to = span?.to ?? typedUntil;
  const assumedUtc = [from, to].filter((moment) => moment?.kind === 'time' && moment.assumedUtc) as Time[];
  return { since: from, until: to, assumedUtc };
}

/** Says of times without a zone what they were taken for. */
export function noteAssumedUtc({ assumedUtc }: Pick<TypedBounds, 'assumedUtc'>, print: Printer): void {
  for (const { ms } of assumedUtc) print.note(`a time without a zone is UTC: ${isoTime(ms)}`);
}
