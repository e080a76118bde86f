/** What {@link isPrincipal} asks for, in words. */
export const PRINCIPAL = 'a name of 1 to 512 characters, none of them for control';

/** Control characters, those that turn the direction of a text, halves of characters, and ends of lines. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** True for a name that can stand in a record, a log and a terminal: not long, on one line, and what it looks like. */
export function isPrincipal(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 512 && !UNSEEN.test(value);
}
