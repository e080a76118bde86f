import type { Logger } from 'pino';
import { describeError } from './describe-error.js';

/** Closes one thing. `graceMs` is what is left of the deadline. */
export type CloseStep = (graceMs: number) => Promise<void> | void;

/** What has to be closed, in the order in which it was opened. */
export interface Closer {
  /** Adds a step; it runs before those added earlier. */
  add(name: string, step: CloseStep): void;
  /**
   * Runs every step, the last added first, all under one deadline. A failure is logged and the next
   * step runs. A second call gets the result of the first.
   *
   * @returns true when each step ended well and in time
   */
  close(deadlineMs: number): Promise<boolean>;
}

const MAX_TIMER_MS = 2_147_483_647;

/** A close stack. */
export function createCloser(logger: Pick<Logger, 'error'>): Closer {
  const steps: { readonly name: string; readonly step: CloseStep }[] = [];
  let closing: Promise<boolean> | undefined;

  const closeAll = async (deadlineMs: number): Promise<boolean> => {
    const end = performance.now() + deadlineMs;
    let well = true;
    for (let next = steps.pop(); next !== undefined; next = steps.pop()) {
      const { name, step } = next;
      const graceMs = Math.min(Math.max(end - performance.now(), 0), MAX_TIMER_MS);
      try {
        await within(graceMs, step);
      } catch (error) {
        well = false;
        logger.error({ step: name }, `could not close ${name}: ${describeError(error)}`);
      }
    }
    return well;
  };

  return {
    add: (name, step) => {
      steps.push({ name, step });
    },
    close: (deadlineMs) => {
      closing ??= closeAll(deadlineMs);
      return closing;
    },
  };
}

/** Runs a step, and gives it up (it goes on, unwatched) when its time is over. */
async function within(graceMs: number, step: CloseStep): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it did not end within the grace period')), graceMs);
  });
  try {
    await Promise.race([Promise.resolve(graceMs).then(step), late]);
  } finally {
    clearTimeout(timer);
  }
}
