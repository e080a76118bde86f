import { pause } from './timing.js';

/** Whether Kafka can be reached, as far as is known. */
export interface Availability {
  available(): boolean;
  /** There is reason to doubt: false from now on until a probe succeeds. */
  down(): void;
  /** There is a hint only: asks once, and is `down` when that fails. */
  suspect(): void;
  stop(): void;
}

/**
 * Believes that Kafka is there until told otherwise, then probes at once and each `intervalMs`
 * until a probe resolves. While all is well it costs nothing.
 */
export function createAvailability(probe: () => Promise<unknown>, intervalMs = 1000): Availability {
  const stopped = new AbortController();
  let up = true;
  let probing = false;

  const recover = async (): Promise<void> => {
    probing = true;
    while (!stopped.signal.aborted) {
      if (await answers(probe)) {
        up = true;
        break;
      }
      up = false;
      await pause(intervalMs, stopped.signal);
    }
    probing = false;
  };

  return {
    available: () => up && !stopped.signal.aborted,
    down() {
      up = false;
      if (!probing) void recover();
    },
    suspect() {
      if (!probing) void recover();
    },
    stop: () => stopped.abort(),
  };
}

async function answers(probe: () => Promise<unknown>): Promise<boolean> {
  try {
    await probe();
    return true;
  } catch {
    return false;
  }
}
