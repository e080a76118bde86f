import { randomFillSync } from 'node:crypto';

/** Characters at the start of each correlation id that name the proxy instance. */
export const NONCE_LENGTH = 8;

/** Between the part of an id that is shown and the part that is not. */
const SECRET_MARK = '.';
/** Random characters of the part that is shown: 72 bits. */
const SHOWN_LENGTH = 12;
/** Random characters of the part that is not: 96 bits. */
const SECRET_LENGTH = 16;

/** As long as any id that is made here, for working out how much fits a record. */
export const LONGEST_ID = 'x'.repeat(NONCE_LENGTH + 1 + SHOWN_LENGTH + 1 + SECRET_LENGTH);

/**
 * Makes ids that can't be guessed: `<nonce>-<shown>.<secret>`. Who knows an id may answer its exchange or claim
 * its upload, so only Kafka carries it whole; clients, backends and logs get {@link shownId}.
 */
export interface CorrelationIds {
  /** {@link NONCE_LENGTH} characters that start each id of this process and no other's. */
  readonly nonce: string;
  next(): string;
  /** True when `id` was made by this process: a comparison of the nonce. */
  owns(id: string): boolean;
}

/**
 * @param nonce random for each process; given by tests
 *
 * @example
 * const ids = createCorrelationIds();
 * const id = ids.next();
 * shownId(id); // without its secret part
 */
export function createCorrelationIds(nonce: string = instanceNonce()): CorrelationIds {
  return {
    nonce,
    next: () => `${nonce}-${randomText(SHOWN_LENGTH)}${SECRET_MARK}${randomText(SECRET_LENGTH)}`,
    owns: (id) => id.startsWith(nonce),
  };
}

/**
 * The part of an id that may be seen by a client, a backend or whoever reads a log: up to the secret. An id of
 * another kind (of 1.0.1, of 2.0.0) has no secret part and is shown whole.
 */
export function shownId(id: string): string {
  const end = id.length - SECRET_LENGTH - 1;
  return end > 0 && id[end] === SECRET_MARK ? id.slice(0, end) : id;
}

function instanceNonce(): string {
  return randomText(NONCE_LENGTH).replaceAll('-', 'A').replaceAll('_', 'B');
}

/*
 * Random text is made many ids at a time: a call of the system's generator for each would cost more than all else
 * about an id.
 */
const POOL_BYTES = 6144;
const pool = Buffer.alloc(POOL_BYTES);
let text = '';
let at = 0;

/** `length` characters of base64url (RFC 4648 §5), 6 random bits each. */
function randomText(length: number): string {
  if (at + length > text.length) {
    text = randomFillSync(pool).toString('base64url');
    at = 0;
  }
  const end = at + length;
  const taken = text.slice(at, end);
  at = end;
  return taken;
}
