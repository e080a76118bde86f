import type { EnvelopeFault, ErrorCode, TopicConfig } from '@kafka-http-proxy/protocol';
import type { GateState } from '../dispatch/work.js';

/** What was wrong with a record that is no usable request. */
export type RecordFault = EnvelopeFault | 'reply_topic' | 'sequence' | 'loop';

/** What is counted of one topic. `traceId`: of a sampled request, the exemplar of its latency. */
export interface TopicMetrics {
  /** A record was taken up `queueMs` after it was written; below 0 where the clocks disagree. */
  taken(queueMs: number, traceId?: string): void;
  expired(): void;
  poison(fault: RecordFault): void;
  attempted(tookMs: number, ok: boolean, traceId?: string): void;
  retried(): void;
  /** A record is done: answered by the backend (`ok`), or not. */
  done(tookMs: number, ok: boolean, traceId?: string): void;
  deadLettered(code: ErrorCode): void;
  deadLetterFailed(): void;
  replyFailed(): void;
  /** The client went away, and the request with it. */
  cancelled(): void;
  /** A reply that had begun was broken off. */
  streamCut(code: ErrorCode): void;
}

/** What happens to the topics that somebody besides the counters may want to know. */
export interface TopicEvents {
  /** The circuit breaker of a topic changed its state. */
  onBreaker(topic: TopicConfig, state: GateState): void;
  /** An attempt at the backend of a topic got an answer, or none. */
  onAttempt(topic: TopicConfig, answered: boolean): void;
  /** A reply that was on its way was broken off. */
  onCut(topic: TopicConfig, correlationId: string | null, code: ErrorCode, cause: unknown, trace?: object): void;
}
