import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { type RunLock, readRunLock } from '@kafka-http-proxy/operate';
import type { MarkStore } from '../../marks/mark-store.js';
import { CommandFailure } from '../../operator/exit.js';
import type { RunLog, RunName } from './run-log.js';

/**
 * A file of marks as the log of a run, for who may not write to the marks topic. Who runs on this machine with the same
 * file is seen by a file beside it; runs of others are not.
 */
export function openFileLog(marks: Pick<MarkStore, 'name' | 'write'>, { run, by }: RunName): RunLog {
  const path = `${marks.name}.lock`;
  let held = false;

  const make = async (): Promise<boolean> => {
    const lock: RunLock & { pid: number } = {
      v: 1,
      gen: 1,
      state: 'held',
      run,
      by,
      since: Date.now(),
      pid: process.pid,
    };
    const whole = `${path}.${run}`;
    try {
      // It is there with all that it says, or not at all.
      await writeFile(whole, JSON.stringify(lock), { mode: 0o600 });
      await link(whole, path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw new CommandFailure(`--state: ${path}: ${(error as Error).message}`, undefined, { cause: error });
    } finally {
      await rm(whole, { force: true });
    }
  };
  return {
    async take() {
      held = await make();
      if (held) return null;
      const text = await readFile(path).catch(() => null);
      const lock = readRunLock(text);
      if (lock !== null && isAlive(text)) return lock;
      // Whoever made it is gone, and took nothing with it.
      await rm(path, { force: true });
      held = await make();
      return held ? null : readRunLock(await readFile(path).catch(() => null));
    },
    async announce(letter, mark) {
      await marks.write(letter, mark);
      return true;
    },
    async note(letter, mark) {
      await marks.write(letter, mark);
    },
    lost: new AbortController().signal,
    async release() {
      if (held) await rm(path, { force: true }).catch(() => undefined);
      held = false;
    },
  };
}

/** Whether the process that a lock file names is there. */
function isAlive(text: Buffer | null): boolean {
  const pid: unknown = text && (JSON.parse(text.toString('utf8')) as { pid?: unknown }).pid;
  if (typeof pid !== 'number' || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
