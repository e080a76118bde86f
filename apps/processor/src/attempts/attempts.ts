import { type ErrorCode, MAX_METADATA_BYTES, TIME_LEFT_FIELD } from '@kafka-http-proxy/protocol';
import type { Clock, MemoryBudget } from '@kafka-http-proxy/streams';
import type { Backend } from '../backend/backend.js';
import { type BackendRequest, isStreamed } from '../backend/backend-request.js';
import { type Cancellation, pause } from '../retry/cancellation.js';
import { retryDelay } from '../retry/retry-policy.js';
import type { Attempt, StreamPolicy } from './attempt.js';
import { receive } from './receive.js';
import type { TokenBucket } from './token-bucket.js';

/** What a topic says about attempts at its backend, and who hears of them. */
export interface AttemptSettings {
  readonly backend: Backend;
  /** For each attempt as a whole. */
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  /** Statuses that count as failures while attempts are left. */
  readonly retryStatuses: ReadonlySet<number>;
  readonly maxBodyBytes: number;
  /** What answers hold while they are gathered is counted there. */
  readonly budget: Pick<MemoryBudget, 'reserve' | 'release'>;
  /** When an answer goes out in parts; null where the asker can't take them. */
  readonly stream?: StreamPolicy | null;
  /**
   * True for the trial of a breaker whose requests wait: one attempt, and where a further one would be
   * allowed but for `maxAttempts`, the request waits on (`held`).
   */
  readonly trial?: boolean;
  /** Retries take tokens too; null: no limit. */
  readonly bucket: TokenBucket | null;
  readonly clock: Clock;
  readonly random?: () => number;
  onAttempt(tookMs: number, ok: boolean): void;
  onRetry(): void;
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

/** What came of a request, and what it took. */
export interface CallResult {
  readonly verdict: Verdict;
  readonly attempts: number;
  /** Time spent in attempts, ms. */
  readonly backendMs: number;
}

/** Sends a request until there is an answer or no further attempt is allowed. Never rejects. */
export async function execute(
  request: BackendRequest,
  deadlineMs: number,
  settings: AttemptSettings,
  cancellation: Cancellation,
): Promise<CallResult> {
  const { clock, maxAttempts, maxBodyBytes, budget, stream } = settings;
  const { body } = request;
  const spanMs = deadlineMs - clock.now();
  // An upload that gets on moves the deadline: it bounds the time in which nothing happens.
  const endMs = () => (isStreamed(body) ? Math.max(deadlineMs, body.progressMs + spanMs) : deadlineMs);
  let backendMs = 0;
  for (let attempts = 1; ; attempts++) {
    const startMs = clock.now();
    const timeoutMs = Math.min(settings.timeoutMs, endMs() - startMs);
    const attempt = await receive(settings.backend, withTimeLeft(request, timeoutMs), {
      maxBodyBytes,
      timeoutMs,
      clock,
      budget,
      stream,
      cancellation,
    });
    const nowMs = clock.now();
    backendMs += nowMs - startMs;
    if (attempt.kind === 'cancelled') return { verdict: attempt, attempts, backendMs };
    // The backend had to wait for the client: that is not its fault, and another attempt would wait for the same.
    if (attempt.kind === 'timeout' && attempt.starved) return { verdict: CLIENT_LATE, attempts, backendMs };
    settings.onAttempt(nowMs - startMs, attempt.kind === 'answer' || attempt.kind === 'stream');
    const verdict = judge(attempt, timeoutMs, settings);
    const repeat = repeats(attempt, settings);
    if (repeat === null || (isStreamed(body) && !body.replayable)) return { verdict, attempts, backendMs };
    if (settings.trial) {
      const held = (!repeat.sent || request.repeatable) && nowMs < endMs();
      return { verdict: held ? { kind: 'held' } : verdict, attempts, backendMs };
    }
    const facts = {
      attempts,
      maxAttempts,
      sent: repeat.sent,
      repeatable: request.repeatable,
      nowMs,
      deadlineMs: endMs(),
    };
    const delayMs = retryDelay(facts, settings.random);
    if (delayMs === null) return { verdict, attempts, backendMs };
    const waitMs = Math.max(delayMs, settings.bucket?.reserve(nowMs) ?? 0);
    if (nowMs + waitMs >= endMs()) return { verdict, attempts, backendMs };
    const paused = await pause(waitMs, clock, cancellation);
    if (paused !== 'over') return { verdict: { kind: paused }, attempts, backendMs };
    // A late timer: the next attempt would start past the deadline.
    if (clock.now() >= endMs()) return { verdict, attempts, backendMs };
    settings.onRetry();
  }
}

/** Says how long its answer is waited for, so that a next hop does not work longer on it. */
function withTimeLeft(request: BackendRequest, timeoutMs: number): BackendRequest {
  const seconds = Math.max(Math.floor(timeoutMs), 1) / 1000;
  return { ...request, headers: [...request.headers, TIME_LEFT_FIELD, String(seconds)] };
}

/** Whether an attempt is of the kind that may be repeated; null when not. */
function repeats(attempt: Attempt, { retryStatuses }: AttemptSettings): { sent: boolean } | null {
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

function judge(attempt: Attempt, timeoutMs: number, settings: AttemptSettings): Verdict {
  switch (attempt.kind) {
    case 'answer':
      return { kind: 'answer', answer: attempt, healthy: !settings.retryStatuses.has(attempt.head.status) };
    case 'stream':
      return { kind: 'stream', answer: attempt, healthy: !settings.retryStatuses.has(attempt.head.status) };
    case 'cancelled':
      return attempt;
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
const CLIENT_LATE: Verdict & { kind: 'failed' } = {
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
