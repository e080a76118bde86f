import { type FileHandle, open } from 'node:fs/promises';
import { CommandFailure } from '../../operator/exit.js';
import type { Host } from '../../operator/host.js';
import { drained } from '../../output/drained.js';

/** Where an export goes. */
export interface Sink {
  /** Resolves when there is room for more. */
  write(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Requests hold secrets: nobody else reads the file. */
const MODE = 0o600;

/**
 * A file, or standard output where none is named.
 *
 * @throws {CommandFailure} when the file can't be written
 */
export async function openSink(path: string | undefined, { stdout }: Host): Promise<Sink> {
  if (path === undefined || path === '-') {
    const write = (text: string) => {
      stdout.write(text);
      return drained(stdout);
    };
    return { write, close: () => Promise.resolve() };
  }
  const orSay = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (cause) {
      throw new CommandFailure(`--output: ${path}: ${(cause as Error).message}`, undefined, { cause });
    }
  };
  const file: FileHandle = await orSay(open(path, 'w', MODE));
  // One that was there keeps its mode otherwise.
  await orSay(file.chmod(MODE));
  return {
    write: (text) => orSay(file.writeFile(text)),
    close: () => orSay(file.close()),
  };
}
