import { randomBytes } from 'node:crypto';
import type { OutgoingRecord } from '@kafka-http-proxy/kafka';

/*
 * Records as somebody writes them who may write to one topic, by hand: the codecs would refuse much of it.
 */

/** A record of version 2. @param khp its metadata; a text goes as it is */
export function forged(
  topic: string,
  id: string,
  khp: object | string,
  value: Buffer | string | null = null,
): OutgoingRecord {
  return {
    topic,
    partition: 0,
    key: null,
    value: typeof value === 'string' ? Buffer.from(value) : value,
    headers: [{ correlation_id: id }, { khp: typeof khp === 'string' ? khp : JSON.stringify({ v: 2, ...khp }) }],
  };
}

/** An id with a secret part that was made up: who sees the part before it knows no more. */
export function withGuessedSecret(id: string): string {
  return `${id}.${randomBytes(12).toString('base64url')}`;
}

/** The id that follows another by so many, where ids count; else one that looks like it. */
export function guessNext(id: string, by: number): string {
  const dash = id.indexOf('-');
  const rest = id.slice(dash + 1);
  if (!/^[0-9a-z]{1,8}$/.test(rest)) return `${id.slice(0, dash)}-${randomBytes(9).toString('base64url')}`;
  return `${id.slice(0, dash)}-${(Number.parseInt(rest, 36) + by).toString(36)}`;
}
