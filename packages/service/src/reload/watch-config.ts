import type { Reloader } from './reloader.js';

/** Between two looks, ms. */
const EVERY_MS = 2000;

/** Looks again and again whether what is configured has changed, until the signal. */
export function watchConfig(reloader: Pick<Reloader, 'look'>, signal: AbortSignal, everyMs = EVERY_MS): void {
  let timer: NodeJS.Timeout | undefined;
  const go = (): void => {
    if (signal.aborted) return;
    timer = setTimeout(() => void reloader.look().then(go), everyMs).unref();
  };
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  void reloader.look().then(go);
}
