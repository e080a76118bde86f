import type { Clock } from '@kafka-http-proxy/streams';

/** Ends waiting when the request is somebody else's, and all of it when nobody wants the answer. */
export interface Cancellation {
  /** Calls `cancel` on revoke, at once when that has been; the returned function takes it back. */
  onRevoke(cancel: () => void): () => void;
  /** Calls `cancel` when nobody waits for the answer any more, at once when that has been. */
  onCancel?(cancel: () => void): () => void;
}

/** Waits: until it is over, or was cut short. */
export function pause(
  delayMs: number,
  clock: Clock,
  cancellation: Cancellation,
): Promise<'over' | 'abandoned' | 'cancelled'> {
  return new Promise((resolve) => {
    const forgets: (() => void)[] = [];
    const end = (how: 'over' | 'abandoned' | 'cancelled') => {
      cancelTimer();
      for (const forget of forgets) forget();
      resolve(how);
    };
    const cancelTimer = clock.after(delayMs, () => end('over'));
    forgets.push(cancellation.onRevoke(() => end('abandoned')));
    if (cancellation.onCancel) forgets.push(cancellation.onCancel(() => end('cancelled')));
  });
}
