import { readdirSync, readFileSync } from 'node:fs';
import { cpuSeconds } from './process-usage.js';

/** CPU seconds of each thread of a process, by the thread's id. */
export type ThreadTimes = ReadonlyMap<string, number>;

/** The name under which a process stands as a whole, where the kernel counts no nanoseconds. */
const WHOLE = '';

/**
 * What the threads of a process ran so far: in nanoseconds where the kernel counts them, which a round of a second
 * needs, else in ticks of 10 ms. Empty for a process that is gone.
 */
export function threadTimes(pid: number): ThreadTimes {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`);
    return new Map(tasks.flatMap((task) => timeOf(pid, task)));
  } catch {
    return inTicks(pid);
  }
}

function timeOf(pid: number, task: string): [string, number][] {
  try {
    return [[task, ranSeconds(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8'))]];
  } catch (error) {
    // A thread that has just ended; or a kernel without schedstat, where the first one, the process itself, has none.
    if (task === String(pid)) throw error;
    return [];
  }
}

function inTicks(pid: number): ThreadTimes {
  try {
    return new Map([[WHOLE, cpuSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8'))]]);
  } catch {
    return new Map();
  }
}

/** @param schedstat "nanoseconds that it ran, nanoseconds that it waited to run, how often it ran" */
export function ranSeconds(schedstat: string): number {
  return Number(schedstat.split(' ')[0]) / 1e9;
}

/**
 * What ran between two looks. A thread that ended meanwhile is left out, with what it did since the first look.
 *
 * @returns seconds; not a number where the process is gone
 */
export function secondsBetween(before: ThreadTimes, now: ThreadTimes): number {
  if (now.size === 0) return Number.NaN;
  let sum = 0;
  for (const [thread, seconds] of now) sum += seconds - (before.get(thread) ?? 0);
  return sum;
}
