import type { KafkaSendError } from '@kafka-http-proxy/kafka';
import type { ErrorCode, HeaderList } from '@kafka-http-proxy/protocol';
import type { Attempt } from '../attempts/attempt.js';
import type { Sent } from '../attempts/sent.js';
import type { BackendHead } from '../backend/backend.js';

/** A reply that goes out as its backend makes it. */
export interface ReplyStream {
  readonly head: BackendHead;
  /** Resolves when Kafka has the first record, or with why it has not. */
  readonly started: Promise<KafkaSendError | null>;
  /** Resolves when nothing more is sent: it was whole, broken off, or nobody wants it. */
  readonly ended: Promise<void>;
}

/** What is to be said of a record. */
export type Outcome = Answered | Streaming | Failed;

/** The backend's answer goes back. */
export interface Answered {
  readonly kind: 'answer';
  readonly head: BackendHead;
  readonly body: Buffer | null;
  readonly trailers: HeaderList | null;
  readonly attempts: number;
}

/** The backend's answer goes back as it comes. */
export interface Streaming {
  readonly kind: 'stream';
  readonly stream: ReplyStream;
  readonly attempts: number;
}

/** What was tried before a request failed. */
export interface Tried {
  readonly attempts: number;
  readonly sent: Sent;
}

/** It failed for good: an error reply and a dead letter. */
export interface Failed extends Tried {
  readonly kind: 'failed';
  readonly code: ErrorCode;
  /** One sentence for the client. */
  readonly detail: string;
  /** For the log. */
  readonly cause: unknown;
  /** True when no reply is written: nobody waits for it any more, or it can't be written. */
  readonly noReply?: boolean;
  /** True when nothing is lost with the request. */
  readonly noDeadLetter?: boolean;
}

/** The outcome of an answer that came as a whole. */
export function answered({ head, body, trailers }: Attempt & { kind: 'answer' }, attempts: number): Answered {
  return { kind: 'answer', head, body, trailers, attempts };
}

/** The outcome of what failed. @param detail one sentence for the client @param cause for the log */
export function failed(code: ErrorCode, detail: string, cause: unknown, { attempts, sent }: Tried = NOT_TRIED): Failed {
  return { kind: 'failed', code, detail, cause, attempts, sent };
}

const NOT_TRIED: Tried = { attempts: 0, sent: 'no' };
