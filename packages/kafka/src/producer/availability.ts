import { pause } from '../client/timing.js';

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
 * Believes that Kafka is there until somebody says otherwise, then probes at once and each `intervalMs`
 * until a probe resolves. While all is well it costs nothing.
 *
 * @param onLost called at every tenth probe in a row that fails: the client may be what is broken; must not reject
 */
export function createAvailability(
  probe: () => Promise<unknown>,
  intervalMs = 1000,
  onLost: () => Promise<void> = () => Promise.resolve(),
): Availability {
  const stopped = new AbortController();
  let up = true;
  let probing = false;

  const recover = async (): Promise<void> => {
    probing = true;
    for (let failed = 1; !stopped.signal.aborted; failed++) {
      if (await answers(probe)) {
        up = true;
        break;
      }
      up = false;
      if (failed % LOST_PROBES === 0) await onLost();
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

/** Failed probes after which others are asked. */
const LOST_PROBES = 10;

async function answers(probe: () => Promise<unknown>): Promise<boolean> {
  try {
    await probe();
    return true;
  } catch {
    return false;
  }
}
