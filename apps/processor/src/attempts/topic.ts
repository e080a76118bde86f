import { isDeepStrictEqual } from 'node:util';
import type { Compression } from '@kafka-http-proxy/kafka';
import {
  type ErrorCode,
  type HeaderList,
  isEncoded,
  type ProcessorConfig,
  type RequestEnvelope,
  TokenBucket,
  type TopicConfig,
  type ViaMarks,
} from '@kafka-http-proxy/protocol';
import type { Clock, MemoryBudget } from '@kafka-http-proxy/streams';
import type { BackendLease } from '../backend/backend-pools.js';
import { type BackendRequest, backendRequests } from '../backend/backend-request.js';
import type { StreamedBody } from '../backend/request-body.js';
import type { Cancellation } from '../retry/cancellation.js';
import { AttemptSpans, placeOf } from '../spans/attempt-spans.js';
import type { Sampled } from '../spans/traced-run.js';
import { type AttemptSettings, type CallResult, execute } from './attempts.js';
import { type Breaker, createBreaker, type Pass } from './breaker.js';
import type { TopicEvents, TopicMetrics } from './topic-events.js';

/** One configured topic with all that its requests need, bound once. */
export interface Topic {
  readonly config: TopicConfig;
  /** What it stands for: another backend, or other files of the same names, have another. @see BackendLease */
  readonly backendId: string;
  /** Counts what becomes of its records. */
  readonly metrics: TopicMetrics;
  readonly bucket: TokenBucket | null;
  readonly breaker: Breaker;
  /** True where requests wait while the breaker is not closed (`on_unhealthy: pause`); false where they are answered. */
  readonly pauses: boolean;
  /** True while its requests wait for the backend. */
  isHeld(): boolean;
  /** Compression of a reply with these header fields; null: none. */
  compressionOf(headers: HeaderList): Compression | null;
  /** A reply that was on its way was broken off. @param trace ids for the log */
  onCut(correlationId: string | null, code: ErrorCode, cause: unknown, trace?: object): void;
  /** True for a request that this process, or one that shares its `via`, sent to this backend before. */
  wentRound(request: RequestEnvelope): boolean;
  /** A turn of one of its requests begins; pair it with {@link leave}. */
  enter(): void;
  leave(): void;
  /** Another one takes its place: its backend is given back when the turns that began have ended, and `over` called. */
  retire(over: () => void): void;
  /** Sends a request to the backend, as often as it takes. Rejects or throws only where something does that should not. */
  call(call: TopicCall): Promise<CallResult> | CallResult;
}

/** A request on its way to the backend. */
export interface TopicCall {
  readonly request: RequestEnvelope;
  /** Its body, where it comes in parts. */
  readonly upload: StreamedBody | null;
  readonly deadlineMs: number;
  readonly cancellation: Cancellation;
  /** Whether the answer may go out in parts. */
  readonly streams: boolean;
  /** Leave to go to the backend, where it was asked for before. */
  readonly pass: Pass | null;
  /** Null: no spans are made of it. */
  readonly sampled: Sampled | null;
}

export interface TopicOptions {
  readonly config: TopicConfig;
  readonly kafka: Pick<ProcessorConfig['kafka'], 'max_record_bytes'>;
  /** How long an answer that could be whole is waited for, ms. */
  readonly flushMs: number;
  readonly lease: BackendLease;
  /** Whose place it takes: the state of its breaker and of its rate limit stay, where they are of the same. */
  readonly previous?: Topic | null;
  readonly metrics: TopicMetrics;
  /** What answers hold while they are gathered is counted there. */
  readonly budget: Pick<MemoryBudget, 'reserve' | 'release'>;
  readonly clock: Clock;
  /** Null: no Via. */
  readonly via?: ViaMarks | null;
  readonly events: TopicEvents;
}

/**
 * Binds a topic to its backend, with a circuit breaker and a rate limit of its own.
 *
 * @example
 * const topic = createTopic({ config, kafka, flushMs: 5, lease, metrics, budget, clock, events });
 * const { verdict } = await topic.call({ request, upload: null, deadlineMs, cancellation, streams: false, pass: null, sampled: null });
 */
export function createTopic(options: TopicOptions): Topic {
  const { config, kafka, flushMs, lease, metrics, budget, clock, via = null, events, previous = null } = options;
  const bucket = bucketOf(config, previous);
  const breaker = breakerOf(config, previous, clock);
  const unwatch = breaker.onChange((state) => events.onBreaker(config, state));
  let turns = 0;
  let retired: (() => void) | null = null;
  const settle = () => {
    if (turns > 0 || retired === null) return;
    lease.release();
    retired();
    retired = null;
  };
  const pauses = config.on_unhealthy === 'pause';
  const toBackend = backendRequests(config, via);
  const place = placeOf(config.backend_url);
  const settings: AttemptSettings = {
    backend: lease.backend,
    bucket,
    budget,
    clock,
    timeoutMs: config.timeout * 1000,
    maxAttempts: config.max_retries,
    retryStatuses: new Set(config.retry_statuses),
    maxBodyBytes: kafka.max_record_bytes,
    onAttempt(tookMs, ok, traceId) {
      metrics.attempted(tookMs, ok, traceId);
      events.onAttempt(config, ok);
    },
    onRetry: metrics.retried,
  };
  const streaming: AttemptSettings = { ...settings, stream: { flushMs, hold: settings.retryStatuses } };
  const dropping: AttemptSettings = { ...settings, drop: true };
  return {
    config,
    backendId: lease.id,
    metrics,
    bucket,
    breaker,
    pauses,
    isHeld: () => pauses && breaker.state() !== 'closed',
    onCut: (correlationId, code, cause, trace) => events.onCut(config, correlationId, code, cause, trace),
    wentRound: ({ headers }) => via?.passedBefore(headers, config.request_topic) ?? false,
    compressionOf: (headers) => (config.compression === 'none' || isEncoded(headers) ? null : config.compression),
    enter() {
      turns++;
    },
    leave() {
      turns--;
      settle();
    },
    retire(over) {
      retired = over;
      unwatch();
      settle();
    },
    call({ request, upload, deadlineMs, cancellation, streams, pass, sampled }) {
      const entered = pass ?? breaker.enter();
      if (entered === null) return pauses ? HELD : UNHEALTHY;
      let outgoing: BackendRequest;
      try {
        outgoing = toBackend(request, upload);
      } catch (error) {
        entered.end(null);
        throw error;
      }
      // An upload is used up by its attempt: such a request can't wait on.
      const trial = pauses && entered.trial && upload === null;
      const chosen = request.noReply === true ? dropping : streams ? streaming : settings;
      const spans = sampled === null ? null : new AttemptSpans(sampled, place);
      return execute(outgoing, deadlineMs, trial ? { ...chosen, trial } : chosen, cancellation, entered, spans);
    },
  };
}

function bucketOf({ rate_limit: rate }: TopicConfig, previous: Topic | null): TokenBucket | null {
  if (previous !== null && previous.config.rate_limit === rate) return previous.bucket;
  return rate === undefined ? null : new TokenBucket(rate);
}

/** What was learnt of a backend says nothing of another one. */
function breakerOf(config: TopicConfig, previous: Topic | null, clock: Clock): Breaker {
  const facts = ({ backend_url, tls, circuit_breaker }: TopicConfig) => [backend_url, tls, circuit_breaker];
  if (previous !== null && isDeepStrictEqual(facts(previous.config), facts(config))) return previous.breaker;
  return createBreaker(config.circuit_breaker, clock);
}

const HELD: CallResult = { verdict: { kind: 'held' }, attempts: 0, sent: 'no', backendMs: 0 };
const UNHEALTHY: CallResult = {
  verdict: {
    kind: 'failed',
    code: 'backend_unhealthy',
    detail: 'The backend failed often of late; requests are held off from it.',
    cause: 'circuit breaker open',
    healthy: true,
  },
  attempts: 0,
  sent: 'no',
  backendMs: 0,
};
