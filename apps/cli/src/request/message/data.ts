import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { mistake } from '../../operator/exit.js';
import type { Host } from '../../operator/host.js';

/** One `-d` or `--data-binary`, as it was typed. */
export interface DataFlag {
  /** True: what stands in a file goes as it is. */
  readonly binary: boolean;
  /** Text, `@file`, or `@-` for what is typed. */
  readonly text: string;
}

/** A body whose length is known. */
export interface Data {
  readonly length: number;
  /** Its bytes, each time from the start. */
  open(): Readable;
}

/**
 * Reads what the options say that the body is, as curl does: parts are joined by `&`, and `-d @file` leaves out line
 * ends and NUL. One file alone is not read before it is sent.
 *
 * @returns null without an option
 * @throws CommandFailure about a file
 */
export async function dataOf(flags: readonly DataFlag[], stdin: Host['stdin']): Promise<Data | null> {
  const [first, ...others] = flags;
  if (first === undefined) return null;
  if (others.length === 0 && first.binary && first.text.startsWith('@') && first.text !== '@-') {
    const path = first.text.slice(1);
    const found = await stat(path).catch((cause: unknown) => unreadable(path, cause));
    // A pipe has no length that is known before.
    if (found.isFile()) {
      // The length is announced: what is appended meanwhile is not of it.
      const end = Math.max(0, found.size - 1);
      return {
        length: found.size,
        open: () => (found.size === 0 ? Readable.from([]) : createReadStream(path, { end })),
      };
    }
  }
  const parts: Buffer[] = [];
  for (const flag of flags) parts.push(...(parts.length === 0 ? [] : [AMPERSAND]), await bytesOf(flag, stdin));
  const whole = Buffer.concat(parts);
  return { length: whole.length, open: () => Readable.from(whole.length === 0 ? [] : [whole]) };
}

const AMPERSAND = Buffer.from('&');

async function bytesOf({ binary, text }: DataFlag, stdin: Host['stdin']): Promise<Buffer> {
  if (!text.startsWith('@')) return Buffer.from(text);
  const path = text.slice(1);
  const read = path === '-' ? await buffer(stdin) : await readFile(path).catch((cause) => unreadable(path, cause));
  return binary ? read : (read.filter((byte) => byte !== 0x0a && byte !== 0x0d && byte !== 0) as Buffer);
}

function unreadable(path: string, cause: unknown): never {
  throw mistake(`-d: ${JSON.stringify(path)} can't be read: ${(cause as Error).message}`);
}
