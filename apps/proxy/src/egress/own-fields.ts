import { type HeaderList, requestIdOf } from '@kafka-http-proxy/protocol';

/** What an answer says beside what the reply says of itself. */
export interface OwnFields {
  /** Left out where the reply has one. */
  readonly requestId?: string | undefined;
  readonly serverTiming?: string | undefined;
  /** Of its rate limit, as a flat list; left out where the reply tells of one of its own. */
  readonly limit?: HeaderList | null;
  /** For the browser, of a problem. */
  readonly browser?: HeaderList;
}

/** Where the time of a request went, ms; null where that is not known. */
export interface Times {
  /** In Kafka both ways; where `inQueueMs` is not known, waiting for its turn too. */
  readonly queueMs: number | null;
  /** From its record to taking it up, as the processor says it. */
  readonly inQueueMs: number | null;
  /** In attempts at the backend; where the processor does not say that, from taking it up to the reply. */
  readonly backendMs: number | null;
  /** Since its head was there. */
  readonly totalMs: number;
}

/** What the proxy says of a request in its answer. @param correlationId whole; of it is shown what may be */
export type OwnFieldsOf = (headers: HeaderList, correlationId: string, times: Times) => OwnFields;

/** What of it is wanted; asked for each answer. */
export interface OwnFieldsOptions {
  readonly requestId: boolean;
  readonly serverTiming: boolean;
}

/**
 * Makes the fields of the proxy's own for each answer.
 *
 * @example
 * const own = createOwnFields({ requestId: true, serverTiming: false });
 * own(request.rawHeaders, correlationId, times); // { requestId: 'wBa9fPOA-Qm3xT0aVbR7c' }
 */
export function createOwnFields(wanted: OwnFieldsOptions): OwnFieldsOf {
  return (headers, correlationId, times) => ({
    requestId: wanted.requestId ? requestIdOf(headers, correlationId) : undefined,
    serverTiming: wanted.serverTiming ? serverTimingOf(times) : undefined,
  });
}

/** The value of Server-Timing (https://www.w3.org/TR/server-timing/#the-server-timing-header-field). */
function serverTimingOf({ queueMs, inQueueMs, backendMs, totalMs }: Times): string {
  const parts: string[] = [];
  // Longer in the queue than all that is not the processor's: its clock goes ahead of the other.
  const toldMs = queueMs !== null && inQueueMs !== null && inQueueMs <= queueMs ? inQueueMs : null;
  if (queueMs !== null && toldMs !== null) parts.push(`kafka;dur=${queueMs - toldMs}`);
  if (queueMs !== null) parts.push(`queue;dur=${toldMs ?? queueMs}`);
  if (backendMs !== null) parts.push(`backend;dur=${backendMs}`);
  parts.push(`total;dur=${totalMs.toFixed(1)}`);
  return parts.join(', ');
}
