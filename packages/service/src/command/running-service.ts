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
