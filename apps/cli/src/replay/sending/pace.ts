import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Lets calls through at an even pace. Resolves when it is the caller's turn, or the signal is aborted.
 *
 * @param rate most in a second; null: as fast as they come
 */
export function createPace(rate: number | null, signal: AbortSignal): () => Promise<void> {
  if (rate === null) return async () => undefined;
  let nextMs = 0;
  return async () => {
    const now = Date.now();
    const turnMs = Math.max(now, nextMs);
    nextMs = turnMs + 1000 / rate;
    if (turnMs > now) await sleep(turnMs - now, undefined, { signal }).catch(() => undefined);
  };
}
