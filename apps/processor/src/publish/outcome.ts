import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import type { ErrorCode, HeaderList } from '@kafka-http-proxy/protocol';
import type { Attempt } from '../attempts/receive.js';
import type { Topic } from '../attempts/topic.js';
import type { BackendHead } from '../backend/backend.js';
import type { Assignment } from '../partitions/assignment.js';
import type { OffsetEntry } from '../partitions/offset-tracker.js';
import type { ReplyStream } from '../streams/reply-stream.js';
import type { Asker } from './reply.js';

/** A record that was taken up, and all that its end needs. */
export interface Job {
  readonly record: KafkaRecord;
  readonly topic: Topic;
  readonly assignment: Assignment;
  readonly entry: OffsetEntry;
  /** Null when there is nobody who could be answered. */
  readonly asker: Asker | null;
  readonly correlationId: string | null;
  /** When nobody waits any longer, ms since the epoch. */
  readonly deadlineMs: number;
  /** True when the record does not hold the whole request. */
  readonly truncated: boolean;
  /** When it was taken up, ms since the epoch. */
  readonly takenMs: number;
}

/** What is to be said of it. */
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

/** It failed for good: an error reply and a dead letter. */
export interface Failed {
  readonly kind: 'failed';
  readonly code: ErrorCode;
  /** One sentence for the client. */
  readonly detail: string;
  /** For the log. */
  readonly cause: unknown;
  readonly attempts: number;
  /** True when nobody is to be told, only the dead-letter topic. */
  readonly silent?: boolean;
  /** True when nothing is lost with it: no dead letter. */
  readonly unburied?: boolean;
}

/** The outcome of an answer that came as a whole. */
export function answered({ head, body, trailers }: Attempt & { kind: 'answer' }, attempts: number): Answered {
  return { kind: 'answer', head, body, trailers, attempts };
}

/** The outcome of what failed. @param detail one sentence for the client @param cause for the log */
export function failed(code: ErrorCode, detail: string, cause: unknown, attempts = 0): Failed {
  return { kind: 'failed', code, detail, cause, attempts };
}
