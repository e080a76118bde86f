import { parseTraceparent } from './traceparent.js';

/**
 * The trace id of a `traceparent` (https://www.w3.org/TR/trace-context/#traceparent-header); null where that is not valid.
 *
 * @example
 * traceIdOf('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'); // '4bf92f3577b34da6a3ce929d0e0e4736'
 */
export function traceIdOf(traceparent: string): string | null {
  return parseTraceparent(traceparent)?.traceId ?? null;
}
