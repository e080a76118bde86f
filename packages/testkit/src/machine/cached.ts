import { randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A file or directory that is made on first use and kept in the user's cache (XDG_CACHE_HOME, else
 * the temporary directory).
 *
 * @param make is given a directory for its draft, and returns the path inside it that is kept
 */
export async function cached(name: string, make: (draft: string) => Promise<string>): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME ?? tmpdir(), 'kafka-http-proxy');
  const kept = join(cache, name);
  if (await exists(kept)) return kept;
  // Made elsewhere and renamed when it is whole, so that a broken download is never used.
  const draft = join(cache, `.${name}-${randomUUID()}`);
  await mkdir(draft, { recursive: true });
  try {
    await rename(await make(draft), kept).catch(async (error: unknown) => {
      // Another process was faster.
      if (!(await exists(kept))) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return kept;
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
