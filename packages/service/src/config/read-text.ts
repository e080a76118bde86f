import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this process may not read it',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is not a directory',
};

/** The text of a file, or why it can't be read. Relative paths start at the working directory, as librdkafka's do; a reason says where that led. */
export function readText(path: string): { readonly text: string } | { readonly reason: string } {
  try {
    return { text: readFileSync(path, 'utf8') };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const where = isAbsolute(path) ? '' : ` (${resolve(path)})`;
    return { reason: `${REASONS[code ?? ''] ?? message}${where}` };
  }
}

/** A secret's file: editors and `echo` end it with a newline that is not part of the secret. */
export function readSecret(path: string): { readonly text: string } | { readonly reason: string } {
  const read = readText(path);
  return 'text' in read ? { text: read.text.replace(/\r?\n$/, '') } : read;
}
