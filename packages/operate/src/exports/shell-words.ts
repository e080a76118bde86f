const PRINTABLE = /^[\x20-\x7e]*$/;
/** What stands for itself in the format of printf, between single quotes. */
const AS_IS = /[\x20-\x24\x26\x28-\x5b\x5d-\x7e]/;

/**
 * A text of one character a byte (latin1) as one word of a POSIX shell, made of printable ASCII alone: whatever the text
 * holds, it ends no word and starts no command. It must hold neither NUL, which no word can, nor a line feed at its end,
 * which a substitution loses.
 *
 * @example
 * shellWord('caf\xe9'); // `"$(printf 'caf\\351')"`
 */
export function shellWord(text: string): string {
  if (PRINTABLE.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`;
  const format = [...text].map((character) => (AS_IS.test(character) ? character : octal(character))).join('');
  return `"$(printf '${format}')"`;
}

function octal(character: string): string {
  // Version 1 of the wire is JSON, of any characters.
  const bytes = Buffer.from(character, character > '\xff' ? 'utf8' : 'latin1');
  return [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}
