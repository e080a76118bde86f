import { MAX_TIMER_MS } from '@kafka-http-proxy/protocol';

/** Runs `task` once after `delayMs`; the returned function cancels it. */
export type Timer = (delayMs: number, task: () => void) => () => void;

const realTimer: Timer = (delayMs, task) => {
  const timer = setTimeout(task, Math.min(Math.max(delayMs, 0), MAX_TIMER_MS));
  return () => clearTimeout(timer);
};

/**
 * Waits for `work`, `limitMs` at most. Work that takes longer goes on, and nobody waits for it.
 *
 * @param timer another clock, for tests that turn time by hand
 * @returns true when the work ended in time; rejects when it failed in time
 * @example
 * if (!(await within(5_000, server.close()))) logger.warn('the server did not close in 5 s');
 */
export async function within(limitMs: number, work: Promise<unknown>, timer: Timer = realTimer): Promise<boolean> {
  let cancel = (): void => undefined;
  const late = new Promise<false>((resolve) => {
    cancel = timer(limitMs, () => resolve(false));
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    cancel();
  }
}
