import { DURATION, durationMs } from './duration.js';
import { type Moment, parseMoment, TIME, type TimeContext, timeAt } from './moment.js';
import { TimeMistake } from './time-mistake.js';

/** From where to where is read. */
export interface Span {
  readonly from: Moment;
  /** Left out itself; null: it was not said. */
  readonly to: Moment | null;
}

const PAIR = new RegExp(`^@(${TIME})?:(${TIME})?$`);
const AFTER = new RegExp(`^${DURATION}$`);

/**
 * Reads from where to where: a place ({@link parseMoment}), or two times as rpk has them: `@-48h:-24h`, `@-1m:end`,
 * `@:-1hr`, `@2022-02-14:1h`. A duration is before now; as the second of two and without a minus it is behind the first.
 *
 * @throws {TimeMistake}
 * @example
 * parseSpan('@2022-02-14:1h', { option: '--since', nowMs: Date.now() }); // an hour of that day, UTC
 */
export function parseSpan(text: string, context: TimeContext): Span {
  const typed = text.trim();
  const pair = PAIR.exec(typed);
  if (pair === null || typed === '@:') return { from: parseMoment(typed, context), to: null };
  const [, first = 'start', second = 'end'] = pair;
  const from = timeAt(first, context.nowMs);
  const to = from === null ? null : endOf(second, from, context.nowMs);
  if (from === null || to === null) throw new TimeMistake(context.option, EXPECTED_PAIR, text);
  if (from.kind === 'time' && to.kind === 'time' && to.ms < from.ms) {
    throw new TimeMistake(context.option, 'a time that comes before its end', text);
  }
  return { from, to };
}

const EXPECTED_PAIR = 'two times such as @-48h:-24h, @-1m:end, @:-1h or @2026-02-14:1h';

function endOf(text: string, from: Moment, nowMs: number): Moment | null {
  const behindMs = AFTER.test(text) ? durationMs(text) : null;
  if (behindMs === null || from.kind !== 'time') return timeAt(text, nowMs);
  return { kind: 'time', ms: from.ms + behindMs, assumedUtc: false };
}
