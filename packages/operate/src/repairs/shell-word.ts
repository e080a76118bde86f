const PLAIN = /^[A-Za-z0-9@%_+=:,./-]+$/;

/**
 * A value as one word of a POSIX shell, quoted where it has to be.
 *
 * @example
 * shellWord("it's"); // 'it'\''s'
 */
export function shellWord(value: string): string {
  return PLAIN.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
