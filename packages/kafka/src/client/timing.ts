import { setTimeout as delay } from 'node:timers/promises';

/** Resolves after `ms`, or at once when the signal is aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal ? { signal } : {}).catch(() => undefined);
}

/** True when `work` ended in `ms`; its failure counts as an end. The timer never outlives it. */
export async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const ended = await Promise.race([
    work.then(
      () => true,
      () => true,
    ),
    pause(ms, timer.signal).then(() => false),
  ]);
  timer.abort();
  return ended;
}

/** True when `condition` came to hold in `ms`; asked every 5 ms, for ends that no event reports. */
export async function holdsWithin(condition: () => boolean, ms: number): Promise<boolean> {
  const endAt = Date.now() + ms;
  while (!condition()) {
    if (Date.now() >= endAt) return false;
    await pause(5);
  }
  return true;
}

/** What must not be done too often. */
export interface Patience {
  /** True when it may be done now; it counts as done then. */
  isOver(): boolean;
}

/** Each time that it is done again soon, the wait until the next is doubled, from `leastMs` to `mostMs`. */
export function createPatience(leastMs: number, mostMs: number, now: () => number = Date.now): Patience {
  let waitMs = leastMs;
  let doneAt = -Infinity;
  return {
    isOver() {
      const agoMs = now() - doneAt;
      if (agoMs < waitMs) return false;
      waitMs = agoMs > 4 * waitMs ? leastMs : Math.min(mostMs, 2 * waitMs);
      doneAt = now();
      return true;
    },
  };
}
