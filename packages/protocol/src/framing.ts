import type { HeaderList } from './header-list.js';

/** True for a response without a body, whatever its fields say: to HEAD, or with 204 or 304 (RFC 9110 §6.4.1). */
export function isBodyless(method: string, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 304;
}

const LENGTH = 'content-length';
const CODING = 'transfer-encoding';

/**
 * The length of the body that a head announces, bytes (RFC 9112 §6.3). Null when Content-Length is missing, stands
 * more than once, is not a number that can be counted, or gives way to Transfer-Encoding.
 */
export function announcedLength(headers: HeaderList): number | null {
  let text: string | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    // Each answer is asked: a name of another length costs nothing.
    if (name.length !== LENGTH.length && name.length !== CODING.length) continue;
    const lower = name.toLowerCase();
    if (lower === CODING) return null;
    if (lower !== LENGTH) continue;
    if (text !== null) return null;
    text = headers[i + 1] as string;
  }
  if (text === null || !/^\d+$/.test(text)) return null;
  const length = Number(text);
  return Number.isSafeInteger(length) ? length : null;
}
