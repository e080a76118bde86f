import type { HostProcess } from './host-process.js';

/** The signals that tell a process to stop. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Signals that come within this time of the first are the same stop, ms. */
const SAME_STOP_MS = 1000;

export interface StopSignals {
  /** Called at the first signal, with its name. */
  readonly stop: (signal: string) => void;
  /** Called at a signal that comes a second or more after the first, with its name: somebody insists. */
  readonly force: (signal: string) => void;
}

/**
 * Hears SIGTERM and SIGINT. A stop is often told twice within a millisecond: who sends it to a process group
 * reaches the service itself and whoever started it, who passes it on (systemd, foreman, `pnpm start`, Ctrl-C).
 * So repeats, of either signal, count only when they come later.
 * They are heard until the process has ended, so that a late repeat does not change its exit code.
 */
export function onStopSignals(host: Pick<HostProcess, 'on'>, { stop, force }: StopSignals): void {
  let firstMs: number | undefined;
  for (const signal of STOP_SIGNALS) {
    host.on(signal, () => {
      if (firstMs === undefined) {
        firstMs = performance.now();
        stop(signal);
      } else if (performance.now() - firstMs >= SAME_STOP_MS) {
        force(signal);
      }
    });
  }
}
