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

/** Node keeps a list of timers for each length. Lengths that differ from request to request are cut to a multiple of this first, ms. */
const STEP_MS = 250;
/** Shorter ones are set as they are, ms. */
const LEAST_CUT_MS = 1_000;

/** The time of this process. */
export const systemClock: DeadlineClock = {
  now: Date.now,
  after(delayMs, task) {
    const ms = Math.min(Math.max(delayMs, 0), MAX_TIMER_MS);
    const restMs = ms >= LEAST_CUT_MS ? ms % STEP_MS : 0;
    // Nearly all of them are cancelled, so that the second one is hardly ever set.
    const first = restMs === 0 ? task : () => (timer = setTimeout(task, restMs));
    let timer = setTimeout(first, ms - restMs);
    return () => clearTimeout(timer);
  },
  // Node's timer is one: nothing is wrapped around it, since every request has a deadline.
  deadline: (delayMs, task) => setTimeout(task, Math.min(delayMs, MAX_TIMER_MS)),
};
