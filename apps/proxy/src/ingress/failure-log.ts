import { shownId } from '@kafka-http-proxy/protocol';
import { createFloodGuard, describeError, type Logger } from '@kafka-http-proxy/service';
import { traceIds } from '@kafka-http-proxy/tracing';
import type { Ending } from './ending.js';

/** The log of failed requests: a line each, and no more than a flood guard lets through. */
export interface FailureLog {
  /** Logs a request that failed; the others leave no line. */
  ended(ending: Ending): void;
  /** Logs what was held back. */
  flush(): void;
}

/**
 * @example
 * const failures = createFailureLog(logger);
 * failures.ended(ending);
 */
export function createFailureLog(logger: Logger): FailureLog {
  const flood = createFloodGuard(logger);
  return {
    ended({ error, correlationId, method, topic, status, elapsedMs, traced }) {
      if (!error) return;
      flood.warn(
        error.code,
        {
          correlationId: correlationId && shownId(correlationId),
          code: error.code,
          status,
          method,
          topic,
          elapsedMs: Math.round(elapsedMs),
          ...(traced === null ? {} : traceIds(traced.trace, traced.server)),
          ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
        },
        error.message,
      );
    },
    flush: flood.flush,
  };
}
