import { z } from 'zod';

/** The key of {@link RunLock} records, among the marks. */
export const LOCK_KEY = 'lock';

/**
 * Who replays letters at the moment: the value of a record of key {@link LOCK_KEY} in the marks topic. One is written to
 * take the lock, then one every few seconds to hold it, and one to let it go. All of them and all marks are in one
 * partition, so that they have one order, which whoever reads it sees alike.
 */
export const RunLock = z.object({
  v: z.literal(1),
  /** Grows by one with each run that takes it. */
  gen: z.int().min(1),
  state: z.enum(['held', 'free']),
  run: z.string().min(1).max(64),
  /** Who: user@host. */
  by: z.string().max(256),
  /** When the run took it, ms since the epoch. */
  since: z.number().positive(),
});
/** @see {@link RunLock} */
export type RunLock = z.infer<typeof RunLock>;

/** Reads the value of such a record; null for anything else: anybody may write to a topic. */
export function readRunLock(value: Buffer | null): RunLock | null {
  if (value === null || value.length > 4096) return null;
  try {
    const parsed = RunLock.safeParse(JSON.parse(value.toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/**
 * How the lock stands after one more record of it: the first of a generation has taken it, and only its run holds it or
 * lets it go. Records of earlier generations say nothing: whoever wrote them has lost it and does not know yet.
 *
 * @param now null: nobody ever had it
 */
export function nextLock(now: RunLock | null, read: RunLock): RunLock {
  if (now === null || read.gen > now.gen) return read;
  return read.gen === now.gen && read.run === now.run ? read : now;
}

/** Who has it; null: nobody. */
export function holderOf(lock: RunLock | null): RunLock | null {
  return lock?.state === 'held' ? lock : null;
}
