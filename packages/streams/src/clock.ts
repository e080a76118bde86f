import { MAX_TIMER_MS } from '@kafka-http-proxy/protocol';

/** Time as the core sees it, so that tests can turn it by hand. */
export interface Clock {
  /** Ms since the epoch. */
  now(): number;
  /** Runs `task` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: Date.now,
  after(delayMs, task) {
    const timer = setTimeout(task, Math.min(Math.max(delayMs, 0), MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
};
