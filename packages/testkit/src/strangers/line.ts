import { CATALOGUE, type CheckId, type Entry } from './stage/catalogue.js';
import type { Finding } from './stage/check.js';

/** All that is told of a check. */
export interface Told extends Finding {
  readonly id: CheckId;
  /** What each process held at its peak, in a few words. */
  readonly held: string;
  readonly tookMs: number;
}

/** One line, at its end why it failed: the summary of CI shows no other. */
export function formatLine({ id, came, others, held, tookMs, complaints }: Told): string {
  const { point, tried, before }: Entry = CATALOGUE[id];
  const verdict = complaints.length === 0 ? 'ok    ' : 'FAILED';
  const parts = [tried, `before: ${before}`, `now: ${came}`, `held: ${held}`, `others: ${others}`];
  const why = complaints.length === 0 ? [] : [`why: ${complaints.join('; ')}`];
  return `${verdict} ${point.padEnd(4)} ${[...parts, `${(tookMs / 1000).toFixed(1)} s`, ...why].join(' | ')}`;
}
