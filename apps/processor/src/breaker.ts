import type { TopicConfig } from '@kafka-http-proxy/protocol';
import { BrokenCircuitError, CircuitState, circuitBreaker, handleWhenResult, SamplingBreaker } from 'cockatiel';
import type { Execution } from './attempts.js';

/** `closed`: requests go through. `half_open`: one does, and decides. `open`: none does. */
export type BreakerState = 'closed' | 'half_open' | 'open';

/** Keeps requests from a backend that fails often. */
export interface Breaker {
  state(): BreakerState;
  /** Runs `execution`, or resolves with null at once when the breaker is not closed. */
  run(execution: () => Promise<Execution>): Promise<Execution | null>;
}

const STATES: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Open]: 'open',
  [CircuitState.Isolated]: 'open',
};

/** The breaker of a topic; one that never opens when the configuration says false. */
export function createBreaker(
  config: TopicConfig['circuit_breaker'],
  onChange: (state: BreakerState) => void,
): Breaker {
  if (config === false) return { state: () => 'closed', run: (execution) => execution() };
  const policy = circuitBreaker(handleWhenResult(isFailure), {
    halfOpenAfter: config.half_open_after * 1000,
    breaker: new SamplingBreaker({
      threshold: config.threshold,
      duration: config.window * 1000,
      // cockatiel takes 0 for "not given" and then has a limit of its own.
      minimumRps: config.min_rps || Number.MIN_VALUE,
    }),
  });
  policy.onStateChange((state) => onChange(STATES[state]));
  return {
    state: () => STATES[policy.state],
    async run(execution) {
      // cockatiel lets the others wait for the one that tries; here they are answered at once.
      if (policy.state === CircuitState.HalfOpen) return null;
      try {
        return await policy.execute(execution);
      } catch (error) {
        if (error instanceof BrokenCircuitError) return null;
        throw error;
      }
    },
  };
}

function isFailure(result: unknown): boolean {
  const { verdict } = result as Execution;
  return 'healthy' in verdict && !verdict.healthy;
}
