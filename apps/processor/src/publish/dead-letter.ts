import type { KafkaRecord, OutgoingRecord } from '@kafka-http-proxy/kafka';
import {
  type DeadLetterError,
  decodeRequest,
  type ErrorCode,
  recordHeader,
  traceIdOf,
} from '@kafka-http-proxy/protocol';
import type { Sent } from '../attempts/sent.js';

/** Record header that says why a record is in the dead-letter topic. */
const DEAD_LETTER_HEADER = 'khp-error';
/** Longest message in it, characters: the record is near its limit already when its body is. */
const MAX_MESSAGE = 500;

/** Why a request failed for good. */
export interface DeadLetterFacts {
  readonly code: ErrorCode;
  readonly message: string;
  readonly attempts: number;
  readonly group: string;
  /** True when the original holds only the beginning of the request's body. */
  readonly truncated: boolean;
  readonly sent: Sent;
  /** HTTP status of the error reply; null where none was written. */
  readonly status: number | null;
}

/** The record for the dead-letter topic: the original's key, value and headers untouched, and `khp-error` at the end. @param traceId of the trace that was decided; that of its `traceparent` when left out */
export function deadLetter(
  topic: string,
  original: KafkaRecord,
  facts: DeadLetterFacts,
  traceId: string | null = null,
): OutgoingRecord {
  const trace = traceId ?? traceIdOf(recordHeader(original.headers, 'traceparent') ?? '');
  const request = decodeRequest(original);
  const principal = request.ok ? request.value.principal : undefined;
  const error: DeadLetterError = {
    code: facts.code,
    message: facts.message.slice(0, MAX_MESSAGE),
    topic: original.topic,
    partition: original.partition,
    offset: original.offset,
    timestamp: original.timestampMs,
    attempts: facts.attempts,
    group: facts.group,
    ...(facts.truncated ? { truncated: true } : {}),
    sent: facts.sent,
    ...(facts.status === null ? {} : { status: facts.status }),
    ...(trace === null ? {} : { trace }),
    ...(principal === undefined ? {} : { principal }),
  };
  return {
    topic,
    partition: null,
    key: original.key,
    value: original.value,
    headers: [...original.headers, { [DEAD_LETTER_HEADER]: JSON.stringify(error) }],
  };
}
