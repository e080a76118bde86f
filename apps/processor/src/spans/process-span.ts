import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import {
  type ErrorCode,
  type RequestEnvelope,
  replayedTraceOf,
  STATUS_OF_CODE,
  shownId,
} from '@kafka-http-proxy/protocol';
import { describeProcess, KIND } from '@kafka-http-proxy/tracing';
import type { ProcessorTracing, Sampled, TracedRun } from './traced-run.js';

/** A request that was taken up. */
export interface TakenUp {
  readonly record: KafkaRecord;
  readonly request: RequestEnvelope;
  /** Whether an earlier owner of its partition may have begun it. */
  readonly redelivered: boolean;
}

/**
 * Decides about a request, and begins its `queue` and `process` spans where it is sampled. One record is one request
 * and one consumer's, so that its context may be the parent; it is linked too, as the conventions ask
 * (https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/#consumer-spans).
 */
export function beginProcess(by: ProcessorTracing, { record, request, redelivered }: TakenUp): TracedRun {
  const { tracing, clientId } = by;
  const trace = tracing.decide(request.trace, true);
  if (!trace.sampled) return { tracing, clientId, trace, process: null, failure: null, streamedBytes: null };
  const nowMs = tracing.now();
  const { topic, timestampMs } = record;
  // A record of the future: the clocks disagree. Without a parent it would be a tree of its own.
  if (trace.parentId !== '' && timestampMs > 0 && timestampMs <= nowMs) {
    tracing.end(tracing.begin(trace, trace.parentId, KIND.internal, `queue ${topic}`, timestampMs), nowMs);
  }
  const process = tracing.begin(trace, trace.parentId, KIND.consumer, `process ${topic}`, nowMs);
  if (trace.parentId !== '') process.linkTo({ traceId: trace.traceId, spanId: trace.parentId });
  const replayed = replayedTraceOf(record.headers);
  if (replayed !== null) process.linkTo(replayed);
  if (redelivered) process.happened('redelivered', nowMs);
  return { tracing, clientId, trace, process, failure: null, streamedBytes: null };
}

/** How a request ended. */
export interface ProcessEnd {
  readonly record: KafkaRecord;
  readonly correlationId: string;
  readonly group: string;
  /** Why it failed; null where it was answered. `processor_lost`: its partition went to another, which carries it out. */
  readonly error: ErrorCode | null;
}

/** Ends the `process` span: what had to be written is in Kafka, or never will be. */
export function endProcess(sampled: Sampled, end: ProcessEnd): void {
  const { tracing, clientId, process, streamedBytes } = sampled;
  const { record, correlationId, group } = end;
  const { topic, partition, offset, value } = record;
  // What failed behind its outcome is known by now, unless somebody else does all of it again.
  const error = end.error === 'processor_lost' ? end.error : (sampled.failure ?? end.error);
  const at = { partition, offset };
  const bodyBytes = value?.length ?? 0;
  describeProcess(process, { topic, at, correlationId: shownId(correlationId), clientId, bodyBytes, error }, group);
  if (streamedBytes !== null) process.facts = [...process.facts, 'khp.stream.bytes', streamedBytes];
  // What clients did wrong, and that they left, is no failure here (statuses below 500).
  process.failed = error !== null && STATUS_OF_CODE[error] >= 500;
  tracing.end(process);
}
