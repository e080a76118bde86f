/**
 * What must not reach a terminal: controls (Cc: C0, C1 and DEL), which move the cursor, retitle windows or run
 * commands, and the characters that turn or hide what stands beside them (Cf, UTS #55; line and paragraph separator).
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/**
 * A stranger's text as one line that is safe to print: `\x1b`, `\u202e` and the like stand for what is not printable.
 * Everything that comes from Kafka goes through here, or {@link printableLines}, before a terminal sees it.
 *
 * @example
 * printable('a\u001b[31mb'); // 'a\\x1b[31mb'
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** {@link printable} for a text of several lines: line feeds and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE, (character) =>
    character === '\n' || character === '\t' ? character : escaped(character),
  );
}

/**
 * JSON on one line that is safe to print: what JSON leaves as it is and a terminal would obey (DEL, C1, what turns or
 * hides text) is escaped as JSON does it, so that a reader gets the same text.
 */
export function safeJson(value: unknown): string {
  // One unit at a time: JSON has no escape for what is beyond U+FFFF but two of these.
  return JSON.stringify(value).replace(UNPRINTABLE, (character) =>
    [...Array(character.length).keys()]
      .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

function escaped(character: string): string {
  const code = character.codePointAt(0) as number;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}
