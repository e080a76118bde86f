import type { ErrorCode, HeaderList } from '@kafka-http-proxy/protocol';

/** Which way a body goes: from the client, or to it. */
export type StreamDirection = 'upload' | 'reply';

/** One record of a sequence, without what names the sequence. */
export interface Part {
  /** Its place: 0, 1, 2, … */
  readonly seq: number;
  /** True on the last one. */
  readonly end: boolean;
  /** Why the body is broken off; only on the last one. */
  readonly error: ErrorCode | null;
  readonly body: Buffer | null;
  /** Trailer fields; only on the last one. */
  readonly trailers: HeaderList | null;
}

/**
 * What the sender of a reply may send before the first credit, bytes of body: as much as each open
 * stream has reserved for it at the receiver, however little memory is left there.
 */
export const FIRST_WINDOW = 65_536;
