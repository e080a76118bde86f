import { isPlainId } from './basics/plain-id.js';
import { shownId } from './correlation.js';
import { type HeaderList, headerValue } from './header-list.js';

/** The field that names a request to backends and, in its answer, to clients. */
export const REQUEST_ID_FIELD = 'X-Request-ID';
/** As it is looked for. */
export const LOWER_REQUEST_ID = 'x-request-id';

/**
 * The client's own X-Request-ID, where it is one to go by: 1 to 128 visible ASCII characters in its first line. Null
 * where there is none.
 */
export function clientRequestId(headers: HeaderList): string | null {
  const id = headerValue(headers, LOWER_REQUEST_ID);
  return id !== undefined && isPlainId(id) ? id : null;
}

/**
 * The id of a request that backends and clients see: the client's own, or what may be shown of the correlation id.
 *
 * @example
 * requestIdOf(['X-Request-ID', 'a-1'], correlationId); // 'a-1'
 */
export function requestIdOf(headers: HeaderList, correlationId: string): string {
  return clientRequestId(headers) ?? shownId(correlationId);
}
