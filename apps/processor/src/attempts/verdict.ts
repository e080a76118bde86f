import { type ErrorCode, MAX_METADATA_BYTES } from '@kafka-http-proxy/protocol';
import type { Attempt } from './attempt.js';

/** What attempts are judged by. */
export interface Judged {
  /** For each attempt as a whole. */
  readonly timeoutMs: number;
  /** Statuses that count as failures while attempts are left. */
  readonly retryStatuses: ReadonlySet<number>;
  readonly maxBodyBytes: number;
}

/** What came of a request at its backend. */
export type Verdict =
  | { readonly kind: 'answer'; readonly answer: Attempt & { kind: 'answer' }; readonly healthy: boolean }
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      /** One sentence for the client. */
      readonly detail: string;
      readonly cause: unknown;
      /** False when the failure says that the backend is not well. */
      readonly healthy: boolean;
    }
  | { readonly kind: 'stream'; readonly answer: Attempt & { kind: 'stream' }; readonly healthy: boolean }
  /** A trial failed, and the request may be sent again when the backend is well. */
  | { readonly kind: 'held' }
  /** It is somebody else's now, or this service is stopping. */
  | { readonly kind: 'abandoned' }
  /** Nobody wants the answer. */
  | { readonly kind: 'cancelled' };

/** Whether an attempt is of the kind that may be repeated; null when not. */
export function repeats(attempt: Attempt, { retryStatuses }: Judged): { sent: boolean } | null {
  switch (attempt.kind) {
    case 'answer':
      return retryStatuses.has(attempt.head.status) ? { sent: true } : null;
    case 'timeout':
      return { sent: attempt.sent };
    case 'failure':
      return attempt.failure.kind === 'unreachable' ? { sent: attempt.failure.sent } : null;
    case 'too_large':
    case 'no_room':
    case 'stream':
    case 'cancelled':
      return null;
  }
}

/** What an attempt comes to, where there is no other. @param timeoutMs that it had */
export function judge(attempt: Attempt, timeoutMs: number, settings: Judged): Verdict {
  switch (attempt.kind) {
    case 'answer':
      return { kind: 'answer', answer: attempt, healthy: !settings.retryStatuses.has(attempt.head.status) };
    case 'stream':
      return { kind: 'stream', answer: attempt, healthy: !settings.retryStatuses.has(attempt.head.status) };
    case 'cancelled':
      return { kind: 'cancelled' };
    case 'timeout':
      return {
        kind: 'failed',
        code: 'backend_timeout',
        detail: 'The backend did not respond in time.',
        cause: `no response in ${Math.round(timeoutMs)} ms`,
        // A client in a hurry must not close the backend to the others.
        healthy: timeoutMs < settings.timeoutMs / 2,
      };
    case 'too_large':
      return tooLarge(attempt.ofHead ? HEAD_TOO_LARGE : `over ${settings.maxBodyBytes} bytes`);
    case 'no_room':
      return NO_ROOM;
    case 'failure':
      break;
  }
  const { kind, cause } = attempt.failure;
  if (kind === 'closed') return { kind: 'abandoned' };
  if (kind === 'refused') {
    const detail = 'The request could not be sent to the backend.';
    return { kind: 'failed', code: 'processing_failed', detail, cause, healthy: true };
  }
  const detail = 'The backend could not be reached, or its response could not be used.';
  return { kind: 'failed', code: 'backend_unreachable', detail, cause, healthy: false };
}

/** The client did not send the rest of its body in time: that says nothing of the backend. */
export const CLIENT_LATE: Verdict & { kind: 'failed' } = {
  kind: 'failed',
  code: 'request_timeout',
  detail: 'The client did not send the rest of the request body in time.',
  cause: 'the backend had all that had come',
  healthy: true,
};

const NO_ROOM: Verdict & { kind: 'failed' } = {
  kind: 'failed',
  code: 'overloaded',
  detail: 'The replies that the processor holds already take all memory that there is for them.',
  cause: 'memory_budget',
  healthy: true,
};

/** What is too large where a proxy would not take the record for its `khp`. */
export const HEAD_TOO_LARGE = `a head of over ${MAX_METADATA_BYTES} bytes`;

/** The verdict on an answer that no record can carry. @param cause for the log */
export function tooLarge(cause: string): Verdict & { kind: 'failed' } {
  return {
    kind: 'failed',
    code: 'reply_too_large',
    detail: 'The reply of the backend is larger than a record can be.',
    cause,
    healthy: true,
  };
}
