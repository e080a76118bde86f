import { MAX_TIMER_MS } from '@kafka-http-proxy/protocol';

/** Time as the core sees it, so that tests can turn it by hand. */
export interface Clock {
  /** Ms since the epoch. */
  now(): number;
  /** Runs `task` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

/** A time that runs out, unless it is closed before. */
export interface Deadline {
  /** Starts its whole time again. */
  refresh(): unknown;
  close(): unknown;
}

/** A clock for times that may start again, at the cost of one setTimeout. */
export interface DeadlineClock extends Clock {
  /** Runs `task` once `delayMs` after the last start of the time. */
  deadline(delayMs: number, task: () => void): Deadline;
}

/** The time of this process. */
export const systemClock: DeadlineClock = {
  now: Date.now,
  after(delayMs, task) {
    const timer = setTimeout(task, Math.min(Math.max(delayMs, 0), MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
  // Node's timer is one: nothing is wrapped around it, since every request has a deadline.
  deadline: (delayMs, task) => setTimeout(task, Math.min(delayMs, MAX_TIMER_MS)),
};
