import type { RequestEnvelope } from './envelope/envelope.js';
import { headerValue } from './header-list.js';

/** The safe methods of RFC 9110 §9.2.1, RFC 4918, RFC 3253 and RFC 5323, and QUERY: they ask for no change. */
const SAFE = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'REPORT', 'SEARCH', 'QUERY'];

const SAFE_METHODS: ReadonlySet<string> = new Set(SAFE);
/** RFC 9110 §9.2.2: the safe ones, and those whose second time changes nothing more. */
const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set([...SAFE, 'PUT', 'DELETE']);

/** True for a method that only reads, so that nothing is lost with a request. Case counts, as in RFC 9110 §9.1. */
export function isSafe(method: string): boolean {
  return SAFE_METHODS.has(method);
}

/** True for a method that may be repeated though the first try may have had its effect. Case counts. */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT_METHODS.has(method);
}

/** True for a request that may be sent twice: RFC 9110 §9.2.2, or it has an Idempotency-Key. */
export function isRepeatable({ method, headers }: Pick<RequestEnvelope, 'method' | 'headers'>): boolean {
  return isIdempotent(method) || headerValue(headers, 'idempotency-key') !== undefined;
}
