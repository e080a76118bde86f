/**
 * A signal that is aborted after some time, with a `TimeoutError`. It keeps no process running.
 *
 * `AbortSignal.timeout` is not to be used below `AbortSignal.any`: in Node 20 nothing holds it there, and once it was
 * collected the time never ends (https://github.com/nodejs/node/pull/57867).
 *
 * @param ms until it is aborted
 * @example
 * const signal = AbortSignal.any([host.signal, timeoutSignal(10_000)]);
 */
export function timeoutSignal(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new DOMException('The time is over', 'TimeoutError')), ms).unref();
  return controller.signal;
}
