const NOW = Promise.resolve();

/** Runs a task when what runs now has ended. Node's queueMicrotask makes an AsyncResource each time. */
export function inMicrotask(task: () => void): void {
  void NOW.then(task);
}
