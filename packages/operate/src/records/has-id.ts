import { clientRequestId } from '@kafka-http-proxy/protocol';
import type { RecordView } from './record-view.js';

/**
 * True for what goes by this id: the shown part of its correlation id or the beginning of that, of a letter that was
 * replayed the same of its first try, or the client's own `X-Request-ID`. The last has to be whole: it is a stranger's
 * text, and the beginning of one would find what others sent.
 *
 * @example
 * views.filter((view) => hasId(view, 'wBa9fPOA'));
 */
export function hasId({ id, letter, headers }: RecordView, wanted: string): boolean {
  if (id?.startsWith(wanted) || letter?.replay?.id.startsWith(wanted)) return true;
  return clientRequestId(headers) === wanted;
}
