/** W3C Trace Context §3.2.2: version, trace id, parent id and flags; later versions may have more behind them. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;
const ZEROS = /^0+$/;

/**
 * The trace id of a `traceparent` (https://www.w3.org/TR/trace-context/#traceparent-header); null where that is not valid.
 *
 * @example
 * traceIdOf('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'); // '4bf92f3577b34da6a3ce929d0e0e4736'
 */
export function traceIdOf(traceparent: string): string | null {
  const [, version, trace = '', parent = '', rest] = TRACEPARENT.exec(traceparent) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && rest !== undefined)) return null;
  return ZEROS.test(trace) || ZEROS.test(parent) ? null : trace;
}
