import type { TopicConfig } from '@kafka-http-proxy/protocol';
import type { Clock } from '@kafka-http-proxy/streams';
import { CircuitState, SamplingBreaker } from 'cockatiel';
import type { Gate, Pass as GatePass, GateState } from '../dispatch/work.js';
import type { Verdict } from './verdict.js';

/** Keeps requests from a backend that fails often; with `on_unhealthy: pause` the gate of its topic's lane. */
export interface Breaker extends Gate {
  enter(): Pass | null;
}

/** Leave for one request to go to the backend. */
export interface Pass extends GatePass {
  /** Says what came of it; null: nothing was learnt about the backend. The first call counts, later ones do nothing. */
  end(verdict: Verdict | null): void;
}

/**
 * The breaker of a topic; one that never opens when the configuration says false.
 *
 * @example
 * const breaker = createBreaker(config.circuit_breaker, clock);
 * const pass = breaker.enter(); // null: held off
 * pass?.end(verdict);
 */
export function createBreaker(config: TopicConfig['circuit_breaker'], clock: Pick<Clock, 'now'>): Breaker {
  if (config === false) return NEVER;
  const { threshold, window, min_rps, half_open_after } = config;
  const sampling = new SamplingBreaker({
    threshold,
    duration: window * 1000,
    // cockatiel takes 0 for "not given" and then has a limit of its own.
    minimumRps: min_rps || Number.MIN_VALUE,
  });
  return new Circuit(sampling, half_open_after * 1000, clock);
}

/**
 * The states, around cockatiel's window of samples. Its own breaker is not used: it looks for the time
 * only when a request comes, makes the others wait for the trial, and takes each trial that did not
 * fail for a success, one that was withdrawn too.
 */
class Circuit implements Breaker {
  readonly #sampling: SamplingBreaker;
  readonly #halfOpenAfterMs: number;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #listeners = new Set<(state: GateState) => void>();
  #state: GateState = 'closed';
  /** When it opened, ms since the epoch. */
  #openedMs = 0;
  /** True while a trial runs. */
  #trying = false;
  /** Counts how often it closed: what began before says nothing of the backend as it is now. */
  #era = 0;

  constructor(sampling: SamplingBreaker, halfOpenAfterMs: number, clock: Pick<Clock, 'now'>) {
    this.#sampling = sampling;
    this.#halfOpenAfterMs = halfOpenAfterMs;
    this.#clock = clock;
  }

  state(): GateState {
    return this.#state;
  }

  waitMs(): number {
    if (this.#state === 'closed') return 0;
    if (this.#trying) return Number.POSITIVE_INFINITY;
    if (this.#state === 'half_open') return 0;
    const now = this.#clock.now();
    // A clock that was set back must not keep it open for as long.
    this.#openedMs = Math.min(this.#openedMs, now);
    return Math.max(this.#openedMs + this.#halfOpenAfterMs - now, 0);
  }

  enter(): Pass | null {
    if (this.#state === 'closed') return this.#sample(this.#era);
    if (this.waitMs() > 0) return null;
    this.#trying = true;
    if (this.#state === 'open') this.#change('half_open');
    return this.#trial();
  }

  onChange(listener: (state: GateState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #sample(era: number): Pass {
    return once(false, (verdict) => {
      if (verdict === null || era !== this.#era || this.#state !== 'closed') return;
      if (!('healthy' in verdict) || verdict.healthy) this.#sampling.success(CircuitState.Closed);
      else if (this.#sampling.failure(CircuitState.Closed)) this.#open();
    });
  }

  #trial(): Pass {
    return once(true, (verdict) => {
      this.#trying = false;
      const well = verdict === null ? null : proof(verdict);
      if (well === true) {
        this.#sampling.success(CircuitState.HalfOpen);
        this.#era++;
        this.#change('closed');
      } else if (well === false) this.#open();
      // Else nothing was learnt: the next request is the trial.
    });
  }

  #open(): void {
    this.#openedMs = this.#clock.now();
    this.#change('open');
  }

  #change(state: GateState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }
}

function once(trial: boolean, take: (verdict: Verdict | null) => void): Pass {
  let ended = false;
  return {
    trial,
    end(verdict) {
      if (ended) return;
      ended = true;
      take(verdict);
    },
  };
}

/**
 * Whether a trial shows that the backend is well, is not, or (null) neither. Stricter than what is
 * sampled: a request in a hurry that timed out blames nobody, yet only an answer shows that all is well.
 */
function proof(verdict: Verdict): boolean | null {
  switch (verdict.kind) {
    case 'answer':
    case 'stream':
      return verdict.healthy;
    case 'held':
      return false;
    case 'abandoned':
    case 'cancelled':
      return null;
    case 'failed':
      if (verdict.code === 'reply_too_large') return true;
      return verdict.code === 'backend_timeout' || !verdict.healthy ? false : null;
  }
}

const FREE: Pass = { trial: false, end: () => undefined };
const NEVER: Breaker = { state: () => 'closed', waitMs: () => 0, enter: () => FREE, onChange: () => () => undefined };
