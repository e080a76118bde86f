import type { Logger } from 'pino';
import { describeError } from '../log/describe-error.js';
import { within } from './within.js';

/** Closes one thing. `graceMs` is what is left of the deadline. What it returns is awaited, and not looked at. */
export type CloseStep = (graceMs: number) => unknown;

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

/**
 * A close stack.
 *
 * @example
 * const closer = createCloser(logger);
 * closer.add('the management server', (graceMs) => management.close(graceMs));
 * await closer.close(30_000);
 */
export function createCloser(logger: Pick<Logger, 'error'>): Closer {
  const steps: { readonly name: string; readonly step: CloseStep }[] = [];
  let closing: Promise<boolean> | undefined;

  const closeAll = async (deadlineMs: number): Promise<boolean> => {
    const end = performance.now() + deadlineMs;
    let well = true;
    for (let next = steps.pop(); next !== undefined; next = steps.pop()) {
      const { name, step } = next;
      const graceMs = Math.max(end - performance.now(), 0);
      try {
        const inTime = await within(graceMs, Promise.resolve(graceMs).then(step));
        if (!inTime) throw new Error('it did not end within the grace period');
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
