/** Text of bytes that are said to be text: in their charset, else UTF-8, else windows-1252, which has all bytes. */
export function decodedText(bytes: Buffer, charset: string | null): string {
  if (charset !== null) {
    const text = decoded(bytes, charset, false);
    if (text !== null) return text;
  }
  return utf8Text(bytes) ?? (decoded(bytes, 'windows-1252', false) as string);
}

/** Text of bytes that are UTF-8, and may end within a character; null for others. */
export function utf8Text(bytes: Buffer): string | null {
  return decoded(bytes, 'utf-8', true);
}

function decoded(bytes: Buffer, charset: string, fatal: boolean): string | null {
  try {
    return new TextDecoder(charset, { fatal }).decode(bytes, { stream: true });
  } catch {
    return null;
  }
}

/** True for text that people wrote: no controls but those that make lines. */
export function isPlainText(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return !/[\u0000-\u0008\u000b\u000e-\u001a\u001c-\u001f\u007f]/.test(text);
}
