import { expect, it } from 'vitest';
import { printable, printableLines, safeJson } from './printable.js';

it('lets no control character and no escape sequence through', () => {
  expect(printable('a\u001b]0;owned\u0007b\r\nc\u009bd\u007f')).toBe('a\\x1b]0;owned\\x07b\\x0d\\x0ac\\x9bd\\x7f');
});

it('shows what turns or hides text', () => {
  expect(printable('a\u202eb\u200bc\u2066d')).toBe('a\\u202eb\\u200bc\\u2066d');
});

it('leaves what can be read as it is', () => {
  expect(printable('GET /größe?x=日本 ✓')).toBe('GET /größe?x=日本 ✓');
});

it('keeps the lines and tabs of a text of several lines', () => {
  expect(printableLines('{\n\t"a": "\u001b"\r\n}')).toBe('{\n\t"a": "\\x1b"\\x0d\n}');
});

it('writes JSON that no terminal obeys, and that reads as the same', () => {
  const value = { a: '\u001b[2J\u009b2J\u007f\u202e"\\', tag: '\u{e0041}', plain: 'größe' };
  const text = safeJson(value);
  expect(text).toBe('{"a":"\\u001b[2J\\u009b2J\\u007f\\u202e\\"\\\\","tag":"\\udb40\\udc41","plain":"größe"}');
  expect(JSON.parse(text)).toEqual(value);
});
