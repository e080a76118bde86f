import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What the contents of files are known by. */
export type Fingerprints = ReadonlyMap<string, string>;

/** Looks at files. */
export interface FileLooks {
  /** Reads those that moved since the last look, and forgets those that are not asked for. Never rejects. */
  look(paths: readonly string[]): Promise<Fingerprints>;
}

interface Known {
  /** Who the file was, and when it changed. */
  readonly identity: string;
  readonly content: string;
}

/** Beyond this a file is known by its date and size, bytes. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Of a directory (`ssl.ca.location`) so many files count. */
const MOST_FILES = 1000;
/** What changed less than this before it was read is read once more: the next change may have the same date, ms. */
const FRESH_MS = 2000;

/**
 * Content is what counts: Kubernetes swaps the symlink above a mounted file, editors put a new file in the place of
 * the old one, and a watch on either goes on looking at what is gone. So each look is a `stat` through all links, and
 * a read only where that differs.
 *
 * @example
 * const looks = createFileLooks();
 * const before = await looks.look(['proxy.yaml']);
 */
export function createFileLooks(now: () => number = Date.now): FileLooks {
  let known = new Map<string, Known>();

  const one = async (path: string): Promise<Known> => {
    const before = known.get(path);
    try {
      const found = await stat(path, { bigint: true });
      const identity = identityOf(found);
      if (before?.identity === identity) return before;
      const content = await contentOf(path, found, identity);
      const isFresh = now() - Number(found.ctimeMs) < FRESH_MS || found.isDirectory();
      return { identity: isFresh ? '' : identity, content };
    } catch (error) {
      const { code = 'unreadable' } = error as NodeJS.ErrnoException;
      return { identity: '', content: code };
    }
  };

  return {
    async look(paths) {
      const found = await Promise.all([...new Set(paths)].map(async (path) => [path, await one(path)] as const));
      known = new Map(found);
      return new Map(found.map(([path, { content }]) => [path, content]));
    },
  };
}

function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

async function contentOf(path: string, found: BigIntStats, identity: string): Promise<string> {
  const hash = createHash('sha256');
  if (found.isDirectory()) {
    const names = (await readdir(path)).sort((a, b) => (a < b ? -1 : 1)).slice(0, MOST_FILES);
    for (const name of names) hash.update(`${name} ${identityOf(await stat(join(path, name), { bigint: true }))}\n`);
    return hash.digest('hex');
  }
  if (!found.isFile() || found.size > MOST_BYTES) return identity;
  return hash.update(await readFile(path)).digest('hex');
}

/** Clocks of file systems may be this much behind, ms. */
const SLACK_MS = 1000;

/** True when one of the files changed at this time, ms since the epoch, or later. Never rejects. */
export async function changedSince(paths: readonly string[], sinceMs: number): Promise<boolean> {
  const changes = await Promise.all(
    paths.map(async (path) => (await stat(path).catch(() => null))?.ctimeMs ?? Number.NEGATIVE_INFINITY),
  );
  return changes.some((ms) => ms >= sinceMs - SLACK_MS);
}
