/** A service that was started. */
export interface RunningService {
  /** Finishes what was accepted, takes nothing more. */
  stop(): Promise<void>;
}
