/** What has to be ended however a run ends. */
export interface Cleanup {
  add(step: () => Promise<void> | void): void;
  /** Runs the steps, the last added first; one that fails does not keep the others from running. Once. */
  run(): Promise<void>;
}

export function createCleanup(): Cleanup {
  const steps: (() => Promise<void> | void)[] = [];
  let running: Promise<void> | undefined;
  const runAll = async (): Promise<void> => {
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      try {
        await step();
      } catch {
        // It ended by itself, or can't be ended.
      }
    }
  };
  return {
    add: (step) => void steps.push(step),
    run: () => (running ??= runAll()),
  };
}
