import type { Deadline, DeadlineClock } from '../clock.js';

interface Timer {
  readonly atMs: number;
  readonly task: () => void;
}

/** A clock that tests turn. Timers of one ms run in the order in which they were set. */
export class FakeClock implements DeadlineClock {
  #nowMs: number;
  #timers = new Set<Timer>();

  constructor(startMs = 1_000_000) {
    this.#nowMs = startMs;
  }

  now = (): number => this.#nowMs;

  after = (delayMs: number, task: () => void): (() => void) => {
    const timer = { atMs: this.#nowMs + delayMs, task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  deadline = (delayMs: number, task: () => void): Deadline => {
    let cancel = this.after(delayMs, task);
    return {
      refresh: () => {
        cancel();
        cancel = this.after(delayMs, task);
      },
      close: () => cancel(),
    };
  };

  /** Timers that are due some time. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Goes on by `ms` and runs what falls due, letting promises settle in between. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settled();
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.task();
      await settled();
    }
    this.#nowMs = endMs;
  }

  #next(endMs: number): Timer | undefined {
    return [...this.#timers].filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
  }
}

/** Resolves when the promises that could settle by themselves have. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
