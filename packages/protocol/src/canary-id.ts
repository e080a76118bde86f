import { CORRELATION_HEADER, recordHeader, type WireRecord } from './envelope/envelope.js';

/** What the correlation id of a canary begins with. */
export const CANARY_PREFIX = 'canary-';
/**
 * What a canary's value is: an empty JSON object, which a proxy of 1.0.1 on the same topic reads and drops too; no
 * value at all would end that proxy's reading loop.
 */
export const CANARY_VALUE = Buffer.from('{}');

/** The id of a canary, anybody's, or null for a record that is none. */
export function canaryId(record: WireRecord): string | null {
  if (record.value?.length !== CANARY_VALUE.length) return null;
  const id = recordHeader(record.headers, CORRELATION_HEADER);
  return id?.startsWith(CANARY_PREFIX) ? id : null;
}
