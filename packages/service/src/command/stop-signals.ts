import type { HostProcess } from './host-process.js';

/** The signals that tell a process to stop. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Signals that come within this time of the first are the same stop, ms. */
const SAME_STOP_MS = 1000;

/** What happens at the first signal, and at one that insists. */
export interface StopSignals {
  /** Called at the first signal, with its name. */
  readonly stop: (signal: string) => void;
  /** Called at a signal that comes a second or more after the first, with its name: somebody insists. */
  readonly force: (signal: string) => void;
}

type Signals = Pick<HostProcess, 'on' | 'off'>;

/** What hears a process until its service does. */
const early = new WeakMap<Signals, () => void>();

/**
 * Lets a process that a signal stops before its service is loaded exit with 0: there is nothing to finish. By itself
 * it would die of the signal, which those who started it call a failure (pnpm's ELIFECYCLE), and as the first process
 * of a container it would not hear SIGTERM at all. For the first line of a binary; {@link onStopSignals} takes over.
 */
export function stopBeforeLoaded(host: Signals & Pick<HostProcess, 'exit'>): void {
  if (early.has(host)) return;
  const stop = () => host.exit(0);
  early.set(host, stop);
  for (const signal of STOP_SIGNALS) host.on(signal, stop);
}

/**
 * Hears SIGTERM and SIGINT. A stop often comes twice within a millisecond: who sends it to a process group
 * reaches the service itself and whoever started it, who passes it on (systemd, foreman, `pnpm start`, Ctrl-C).
 * So repeats, of either signal, count only when they come later.
 * They are heard until the process has ended, so that a late repeat does not change its exit code.
 */
export function onStopSignals(host: Signals, { stop, force }: StopSignals): void {
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
  const earlier = early.get(host);
  early.delete(host);
  if (earlier !== undefined) for (const signal of STOP_SIGNALS) host.off(signal, earlier);
}
