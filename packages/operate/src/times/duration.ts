import parse from 'parse-duration';
import { TimeMistake } from './time-mistake.js';

/** `5m`, `1h30m`, `2.5 days`: numbers with units. Lower case, since `M` would be a month to some and a minute to others. */
export const DURATION = String.raw`(?:\d+(?:\.\d+)?\s*[a-zµ]{1,14}\s*)+`;
const WHOLE = new RegExp(`^${DURATION}$`);

/** True for a unit of parse-duration, which passes over those that it does not know. */
function isUnit(name: string): boolean {
  const { unit } = parse;
  const known = (text: string) => typeof unit[text] === 'number';
  return known(name) || (name.endsWith('s') && known(name.slice(0, -1)));
}

/** What a duration is in ms; null for what is none: an unknown unit, or a number without one. */
export function durationMs(text: string): number | null {
  if (!WHOLE.test(text)) return null;
  if (!(text.match(/[a-zµ]+/g) ?? []).every(isUnit)) return null;
  return parse(text);
}

/**
 * Reads a duration that was typed.
 *
 * @param option where it was typed, for the message
 * @returns ms
 * @throws {TimeMistake}
 * @example
 * parseDuration('1h30m', '--timeout'); // 5_400_000
 */
export function parseDuration(text: string, option: string): number {
  const ms = durationMs(text.trim());
  if (ms === null) throw new TimeMistake(option, 'a duration such as 30s, 5m or 1h30m', text);
  return ms;
}
