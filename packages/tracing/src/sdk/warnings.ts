import { DiagLogLevel, diag } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';

/** Takes lines of the service's log. */
export interface TracingLogger {
  warn(fields: object, sentence: string): void;
}

/** At most one line in this time, ms: a collector that is away is no flood. */
const QUIET_MS = 60_000;

/**
 * Says in the log that traces are lost: a line a minute, with how many more reasons there were since the last one.
 *
 * @param now ms, of a clock that runs evenly
 * @example
 * const lost = lossWarnings(logger);
 * lost('ECONNREFUSED');
 */
export function lossWarnings(
  logger: TracingLogger,
  now: () => number = () => performance.now(),
): (why: string) => void {
  let saidMs = Number.NEGATIVE_INFINITY;
  let unsaid = 0;
  return (why) => {
    const nowMs = now();
    if (nowMs - saidMs < QUIET_MS) {
      unsaid++;
      return;
    }
    saidMs = nowMs;
    logger.warn(
      { cause: shown(why), unsaid },
      'spans could not be exported, and are lost: requests go on without them',
    );
    unsaid = 0;
  };
}

/** Hears what the SDK says of itself: it has one place in a process for that. */
export function hearSdk(lost: (why: string) => void): void {
  // An answer that could not be read comes along whole, and may be anything.
  const hear = (...said: unknown[]) => lost(said.filter(isSentence).map(describe).join(' '));
  const none = () => undefined;
  diag.setLogger(
    { error: hear, warn: hear, info: none, debug: none, verbose: none },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  setGlobalErrorHandler((error) => lost(describe(error)));
}

function isSentence(said: unknown): boolean {
  return typeof said === 'string' || said instanceof Error;
}

/** Longest cause that is logged, characters. */
const MAX_CAUSE = 500;

/** Short, and without the user of a URL. */
function shown(why: string): string {
  return why.replaceAll(/\/\/[^/@\s]*@/g, '//***@').slice(0, MAX_CAUSE);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : JSON.stringify(error);
  // Of what failed on all addresses of a host, Node says nothing but that it did.
  const inner = error instanceof AggregateError ? error.errors.map(describe).join(', ') : '';
  return error.message || inner || error.name;
}
