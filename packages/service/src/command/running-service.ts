/** A service that was started. */
export interface RunningService {
  /** Resolves when it can do its work. */
  readonly connected?: Promise<void>;
  /** Finishes what was accepted, takes nothing more. */
  stop(): Promise<void>;
}
