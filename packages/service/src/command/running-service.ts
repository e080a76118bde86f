import type { Tracing } from '@kafka-http-proxy/tracing';
import type { ConfigChanges } from '../reload/config-changes.js';

/** A service that was started. `C` is its configuration. */
export interface RunningService<C = unknown> {
  /** Resolves when it can do its work. */
  readonly connected?: Promise<void>;
  /**
   * Takes another configuration, whole, without disturbing what is in flight. Called only with changes of keys that
   * are marked live, one call after the other, and never before the start is done. A service without it takes none.
   *
   * @param next valid, as at a start
   * @throws Error with a sentence when it can't be taken; then everything is as before
   */
  reload?(next: C, changes: ConfigChanges): Promise<void>;
  /** Finishes what was accepted, takes nothing more. */
  stop(): Promise<void>;
}

/** Most that the last spans wait for a collector at a stop, ms. */
const LAST_SPANS_MS = 2000;
/** What is left of the grace for the end of the process, ms. */
const RESERVE_MS = 250;

/** The same service, whose stop sends the last spans away too, within the same grace. */
export function sendingLastSpans<R extends RunningService<never>>(
  service: R,
  tracing: Tracing | null,
  graceMs: () => number,
): R {
  if (tracing === null) return service;
  const stop = async () => {
    const beganMs = performance.now();
    try {
      await service.stop();
    } finally {
      const leftMs = graceMs() - (performance.now() - beganMs) - RESERVE_MS;
      await tracing.stop(Math.max(0, Math.min(leftMs, LAST_SPANS_MS)));
    }
  };
  return { ...service, stop };
}
