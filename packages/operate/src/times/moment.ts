import { DURATION, durationMs } from './duration.js';
import { TimeMistake } from './time-mistake.js';

/** A place in a partition, as it was typed: by offset, by distance, or by time. */
export type Moment =
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }
  | { readonly kind: 'offset'; readonly offset: number }
  /** `+2`: so many records behind the first one. */
  | { readonly kind: 'after_start'; readonly records: number }
  /** `-3`: so many records before the end. */
  | { readonly kind: 'before_end'; readonly records: number }
  | Time;

/** A point in time. */
export interface Time {
  readonly kind: 'time';
  /** ms since the epoch. */
  readonly ms: number;
  /** True where no zone was typed. */
  readonly assumedUtc: boolean;
}

/** How a time was typed, and when. */
export interface TimeContext {
  /** Where it was typed, for the message: `--since`. */
  readonly option: string;
  /** What durations are relative to, ms since the epoch. */
  readonly nowMs: number;
}

const ISO = String.raw`\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d(?::?\d\d)?)?)?`;
/** What a time may look like, to be put together; a minus before a duration means what none means: ago. */
export const TIME = `(?:${ISO}|\\d{13}|\\d{9,10}|-?${DURATION}|start|end|now)`;

const EXPECTED =
  'start, end, an offset (47), records from an end (+2, -3), a duration ago (5m), a time (@2026-02-14T10:00Z) or, for a beginning, two times (@-48h:-24h)';

/**
 * Reads a place in a partition: `start`, `end`, `47`, `+2`, `-3`, `5m` (ago), `2026-02-14T10:00Z`, `@` and any time
 * ({@link timeAt}).
 *
 * @throws {TimeMistake}
 * @example
 * parseMoment('5m', { option: '--since', nowMs: Date.now() }); // { kind: 'time', ms: …, assumedUtc: false }
 */
export function parseMoment(text: string, context: TimeContext): Moment {
  const typed = text.trim();
  if (typed === 'start' || typed === 'end') return { kind: typed };
  const [, sign, digits] = /^([+-]?)(\d{1,15})$/.exec(typed) ?? [];
  if (digits !== undefined) {
    const count = Number(digits);
    if (sign === '+') return { kind: 'after_start', records: count };
    return sign === '-' ? { kind: 'before_end', records: count } : { kind: 'offset', offset: count };
  }
  const found = timeAt(typed.replace(/^@/, ''), context.nowMs);
  if (found === null) throw new TimeMistake(context.option, EXPECTED, text);
  return found;
}

/**
 * Reads a time alone; the `@` may be left out. Without a zone it is UTC.
 *
 * @throws {TimeMistake}
 */
export function parseTime(text: string, { option, nowMs }: TimeContext): Time {
  const found = timeAt(text.trim().replace(/^@/, ''), nowMs);
  if (found?.kind === 'time') return found;
  throw new TimeMistake(option, 'a time such as 2026-02-14T10:00Z, or a duration ago such as 48h', text);
}

/**
 * What stands behind an `@`: `start`, `end`, ms (13 digits) or s (9 or 10) since the epoch, a day, a time of ISO 8601,
 * or a duration ago. Null for anything else.
 */
export function timeAt(text: string, nowMs: number): Moment | null {
  if (text === 'start' || text === 'end') return { kind: text };
  if (text === 'now') return time(nowMs);
  if (/^\d{13}$/.test(text)) return time(Number(text));
  if (/^\d{9,10}$/.test(text)) return time(Number(text) * 1000);
  const ago = durationMs(text.replace(/^-/, ''));
  return ago === null ? isoTime(text) : time(nowMs - ago);
}

function isoTime(text: string): Time | null {
  if (!new RegExp(`^${ISO}$`).test(text)) return null;
  const [date, clock = '', zone = ''] = (/^(.{10})(?:[Tt ](.*?))?([Zz]|[+-]\d\d(?::?\d\d)?)?$/.exec(text) ?? []).slice(
    1,
  );
  const utcMs = Date.parse(`${date}T${clock || '00:00'}Z`);
  // 30 February would be in March.
  if (Number.isNaN(utcMs) || !new Date(utcMs).toISOString().startsWith(String(date))) return null;
  const [, sign, hours, minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  const offsetMs = hours === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * 60_000;
  return { kind: 'time', ms: sign === '-' ? utcMs + offsetMs : utcMs - offsetMs, assumedUtc: zone === '' };
}

function time(ms: number): Time {
  return { kind: 'time', ms, assumedUtc: false };
}
