import { randomBytes } from 'node:crypto';

/** Characters at the start of each correlation id that name the proxy instance. */
export const NONCE_LENGTH = 8;

/** Longest correlation id that is accepted from Kafka, in characters. */
export const MAX_CORRELATION_ID_LENGTH = 128;

const LEGAL_ID = /^[\x21-\x7e]{1,128}$/;

/** True for 1-128 visible ASCII characters: safe to log, to echo and to send as a header. */
export function isCorrelationId(value: string): boolean {
  return LEGAL_ID.test(value);
}

/** Makes ids that are unique across restarts (48 random bits of nonce) and within one process (a counter). */
export interface CorrelationIds {
  /** {@link NONCE_LENGTH} characters that start each id of this process and no other's. */
  readonly nonce: string;
  next(): string;
  /** True when `id` was made by this process: a comparison of the nonce. */
  owns(id: string): boolean;
}

export function createCorrelationIds(
  nonce: string = randomBytes(6).toString('base64url').replaceAll('-', 'A').replaceAll('_', 'B'),
): CorrelationIds {
  let count = 0;
  return {
    nonce,
    next: () => `${nonce}-${(count++).toString(36)}`,
    owns: (id) => id.startsWith(nonce),
  };
}
