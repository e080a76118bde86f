/** What {@link isPrincipal} asks for, in words. */
export const PRINCIPAL = 'a name of 1 to 512 characters, none of them for control';

/** Control characters, those that turn the direction of a text, halves of characters, and ends of lines. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Most names, and much sooner seen. */
const PLAIN = /^[\x20-\x7e]+$/;

/** True for a name that can stand in a record, a log and a terminal: not long, on one line, and what it looks like. */
export function isPrincipal(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > 512) return false;
  return PLAIN.test(value) || (value !== '' && !UNSEEN.test(value));
}
