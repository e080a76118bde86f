import { type ErrorCode, TIME_LEFT_FIELD, type TokenBucket } from '@kafka-http-proxy/protocol';
import type { Clock, MemoryBudget } from '@kafka-http-proxy/streams';
import type { Span } from '@kafka-http-proxy/tracing';
import type { Backend } from '../backend/backend.js';
import { type BackendRequest, isStreamed } from '../backend/backend-request.js';
import { type Cancellation, pause } from '../retry/cancellation.js';
import { retryDelay } from '../retry/retry-policy.js';
import type { AttemptSpans } from '../spans/attempt-spans.js';
import type { Attempt, StreamPolicy } from './attempt.js';
import type { Pass } from './breaker.js';
import { receive } from './receive.js';
import { eitherSent, type Sent, sentBy } from './sent.js';
import { CLIENT_LATE, type Judged, judge, repeats, type Verdict } from './verdict.js';

/** What a topic says about attempts at its backend, and who hears of them. */
export interface AttemptSettings extends Judged {
  readonly backend: Backend;
  readonly maxAttempts: number;
  /** What answers hold while they are gathered is counted there. */
  readonly budget: Pick<MemoryBudget, 'reserve' | 'release'>;
  /** When an answer goes out in parts; null where the asker can't take them. */
  readonly stream?: StreamPolicy | null;
  /** True where nobody wants the answer, only that there was one. */
  readonly drop?: boolean;
  /**
   * True for the trial of a breaker whose requests wait: one attempt, and where a further one would be
   * allowed but for `maxAttempts`, the request waits on (`held`).
   */
  readonly trial?: boolean;
  /** Retries take tokens too; null: no limit. */
  readonly bucket: TokenBucket | null;
  readonly clock: Clock;
  readonly random?: () => number;
  /** @param traceId where the request is sampled */
  onAttempt(tookMs: number, ok: boolean, traceId?: string): void;
  onRetry(): void;
}

/** What came of a request, and what it took. */
export interface CallResult {
  readonly verdict: Verdict;
  readonly attempts: number;
  /** By all attempts together. */
  readonly sent: Sent;
  /** Time spent in attempts, ms. */
  readonly backendMs: number;
}

/**
 * Sends a request until there is an answer or no further attempt is allowed. Rejects only where something throws that
 * should not.
 *
 * @param pass hears what came of it before the promise settles
 * @param spans null: none are made
 */
export function execute(
  request: BackendRequest,
  deadlineMs: number,
  settings: AttemptSettings,
  cancellation: Cancellation,
  pass: Pass | null = null,
  spans: AttemptSpans | null = null,
): Promise<CallResult> {
  // One promise for all attempts: one for each of their steps is a good part of what a request costs here.
  return new Promise((resolve, reject) => {
    new Execution(request, deadlineMs, settings, cancellation, pass, spans, resolve, reject).attempt();
  });
}

/** One request at its backend: attempts, and the waits between them. */
class Execution {
  #attempts = 0;
  #sent: Sent = 'no';
  #backendMs = 0;
  #startMs = 0;
  #timeoutMs = 0;
  #span: Span | null = null;
  readonly #spanMs: number;

  constructor(
    private readonly request: BackendRequest,
    private readonly deadlineMs: number,
    private readonly settings: AttemptSettings,
    private readonly cancellation: Cancellation,
    private readonly pass: Pass | null,
    private readonly spans: AttemptSpans | null,
    private readonly resolve: (result: CallResult) => void,
    private readonly reject: (cause: unknown) => void,
  ) {
    this.#spanMs = deadlineMs - settings.clock.now();
  }

  /** Starts the next attempt. */
  attempt(): void {
    const { request, settings, cancellation } = this;
    const { clock, maxBodyBytes, budget, stream, drop } = settings;
    try {
      this.#attempts++;
      this.#startMs = clock.now();
      const timeoutMs = Math.min(settings.timeoutMs, this.#endMs() - this.#startMs);
      this.#timeoutMs = timeoutMs;
      const options = { maxBodyBytes, timeoutMs, clock, budget, stream, drop, cancellation };
      if (this.spans !== null) this.#span = this.spans.begin(request.method);
      const outgoing = withTimeLeft(request, timeoutMs, this.spans, this.#span);
      receive(settings.backend, outgoing, options, (attempt) => this.#ended(attempt));
    } catch (cause) {
      this.#broken(cause);
    }
  }

  /** An upload that gets on moves the deadline: it bounds the time in which nothing happens. */
  #endMs(): number {
    const { body } = this.request;
    return isStreamed(body) ? Math.max(this.deadlineMs, body.progressMs + this.#spanMs) : this.deadlineMs;
  }

  #ended(attempt: Attempt): void {
    try {
      this.#endSpan(attempt);
      const verdict = this.#judge(attempt);
      if (verdict !== null) this.#finish(verdict);
    } catch (cause) {
      this.#broken(cause);
    }
  }

  #endSpan(attempt: Attempt): void {
    const { spans, request } = this;
    const span = this.#span;
    if (spans === null || span === null) return;
    this.#span = null;
    const isAnswer = attempt.kind === 'answer' || attempt.kind === 'stream';
    const why = isAnswer ? null : codeOf(attempt, judge(attempt, this.#timeoutMs, this.settings));
    spans.end(span, request, this.#attempts, isAnswer ? attempt.head.status : null, why);
  }

  /** What came of it; null when there is to be another attempt. */
  #judge(attempt: Attempt): Verdict | null {
    const { request, settings } = this;
    const nowMs = settings.clock.now();
    const tookMs = nowMs - this.#startMs;
    this.#backendMs += tookMs;
    this.#sent = eitherSent(this.#sent, sentBy(attempt));
    if (attempt.kind === 'cancelled') return { kind: 'cancelled' };
    // The backend had to wait for the client: that is not its fault, and another attempt would wait for the same.
    if (attempt.kind === 'timeout' && attempt.starved) return CLIENT_LATE;
    settings.onAttempt(tookMs, attempt.kind === 'answer' || attempt.kind === 'stream', this.spans?.traceId);
    const verdict = judge(attempt, this.#timeoutMs, settings);
    const repeat = repeats(attempt, settings);
    if (repeat === null || (isStreamed(request.body) && !request.body.replayable)) return verdict;
    if (settings.trial) {
      const held = (!repeat.sent || request.repeatable) && nowMs < this.#endMs();
      return held ? { kind: 'held' } : verdict;
    }
    const waitMs = this.#waitMs(repeat.sent, nowMs);
    if (waitMs === null) return verdict;
    void this.#again(waitMs, verdict);
    return null;
  }

  /** How long to wait for the next attempt, ms; null when there is to be none. */
  #waitMs(sent: boolean, nowMs: number): number | null {
    const { request, settings } = this;
    const deadlineMs = this.#endMs();
    const { maxAttempts, bucket, random } = settings;
    const facts = { attempts: this.#attempts, maxAttempts, sent, repeatable: request.repeatable, nowMs, deadlineMs };
    const delayMs = retryDelay(facts, random);
    if (delayMs === null) return null;
    const waitMs = Math.max(delayMs, bucket?.reserve(nowMs) ?? 0);
    return nowMs + waitMs >= deadlineMs ? null : waitMs;
  }

  async #again(waitMs: number, verdict: Verdict): Promise<void> {
    const { settings, cancellation } = this;
    try {
      const paused = await pause(waitMs, settings.clock, cancellation);
      if (paused !== 'over') return this.#finish({ kind: paused });
      // A late timer: the next attempt would start past the deadline.
      if (settings.clock.now() >= this.#endMs()) return this.#finish(verdict);
      settings.onRetry();
      this.attempt();
    } catch (cause) {
      this.#broken(cause);
    }
  }

  #finish(verdict: Verdict): void {
    // A request whose client did not send all of it says nothing about the backend.
    this.pass?.end(verdict.kind === 'failed' && verdict.code === 'request_timeout' ? null : verdict);
    this.resolve({ verdict, attempts: this.#attempts, sent: this.#sent, backendMs: this.#backendMs });
  }

  #broken(cause: unknown): void {
    this.pass?.end(null);
    this.reject(cause);
  }
}

/** Our code for an attempt that got no answer. */
function codeOf(attempt: Attempt, verdict: Verdict): ErrorCode {
  if (attempt.kind === 'timeout' && attempt.starved) return CLIENT_LATE.code;
  if (verdict.kind === 'failed') return verdict.code;
  return verdict.kind === 'cancelled' ? 'client_gone' : 'processor_lost';
}

/** Says how long its answer is waited for, so that a next hop does not work longer on it. */
function withTimeLeft(
  request: BackendRequest,
  timeoutMs: number,
  spans: AttemptSpans | null,
  span: Span | null,
): BackendRequest {
  const seconds = Math.max(Math.floor(timeoutMs), 1) / 1000;
  const headers = spans === null || span === null ? [...request.headers] : spans.headers(request.headers, span);
  headers.push(TIME_LEFT_FIELD, String(seconds));
  return { ...request, headers };
}
