import { STATUS_CODES } from 'node:http';
import { type HeaderList, headerValue, isFieldValue, MAX_REPLY_LINES } from '@kafka-http-proxy/protocol';
import type { BackendHead } from './backend.js';

/**
 * The head of a final response, as both HTTP clients give it. What they let through and no reply can
 * carry is refused here: the proxy would drop the record, and its client wait until the deadline.
 *
 * @param reason the reason phrase, one character a byte; null when it is not known
 * @throws Error with a sentence, for a status that is none, a transfer coding that is not undone, and more lines
 *   than a reply may have
 */
export function backendHead(status: number, reason: string | null, headers: HeaderList): BackendHead {
  if (!Number.isInteger(status) || status < 200 || status > 999) {
    throw new Error(`the backend answered with status ${status}; 200 to 999 was expected`);
  }
  checkLines(headers, 'header');
  // RFC 9112 §6.1. Without its name on the way, the coding would be taken for the body itself.
  const coding = headerValue(headers, 'transfer-encoding');
  if (coding !== undefined && !/^\s*(?:chunked|identity)\s*$/i.test(coding)) {
    throw new Error('the backend answered in a transfer coding besides chunked, which nobody asked for');
  }
  const usual = reason === null || reason === STATUS_CODES[status];
  return { status, reason: usual || !isFieldValue(reason) ? null : reason, headers };
}

/** The fields behind a body; null when there are none. @throws Error with a sentence, for more than a reply may have */
export function backendTrailers(fields: HeaderList): HeaderList | null {
  checkLines(fields, 'trailer');
  return fields.length === 0 ? null : fields;
}

function checkLines(fields: HeaderList, kind: string): void {
  if (fields.length <= 2 * MAX_REPLY_LINES) return;
  throw new Error(`the backend answered with ${fields.length / 2} ${kind} lines; ${MAX_REPLY_LINES} is the most`);
}
