import { endToEnd, type HeaderList, isFieldValue, isToken } from './header-list.js';

/**
 * Fields that mean nothing, or harm, behind a body (RFC 9110 §6.5.1): of framing, routing, request
 * modifiers, authentication, and how the content is to be read.
 */
const FORBIDDEN = new Set([
  'age',
  'authorization',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'date',
  'expect',
  'expires',
  'host',
  'location',
  'max-forwards',
  'pragma',
  'proxy-authenticate',
  'proxy-authorization',
  'range',
  'retry-after',
  'set-cookie',
  'trailer',
  'vary',
  'www-authenticate',
]);

/**
 * The trailer fields that may go on to the next hop; null when there are none.
 *
 * @param drop further lower-case names to leave out
 */
export function passableTrailers(
  fields: HeaderList | null,
  drop: (lowerName: string) => boolean = () => false,
): HeaderList | null {
  if (fields === null || fields.length === 0) return null;
  const kept: string[] = [];
  const passing = endToEnd(fields, (name) => FORBIDDEN.has(name) || name.startsWith('x-kafka-') || drop(name));
  for (let i = 0; i < passing.length; i += 2) {
    const name = passing[i] as string;
    const value = passing[i + 1] as string;
    if (name.toLowerCase() !== 'te' && isToken(name) && isFieldValue(value)) kept.push(name, value);
  }
  return kept.length === 0 ? null : kept;
}
