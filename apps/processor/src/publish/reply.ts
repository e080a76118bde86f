import {
  type ErrorCode,
  encodeReply,
  endToEnd,
  type HeaderList,
  NO_SEQUENCE,
  PROBLEM_CONTENT_TYPE,
  problem,
  type ReplyEnvelope,
  retryAfterSeconds,
  STATUS_OF_CODE,
  type WireRecord,
} from '@kafka-http-proxy/protocol';
import type { BackendHead } from '../backend/backend.js';
import type { Asker } from './asker.js';

/** Where the time of a request went, ms. */
export type ReplyTimes = Pick<ReplyEnvelope, 'tookMs' | 'queueMs' | 'backendMs'>;

/**
 * The reply that carries a backend's answer, without what was meant for this hop alone.
 *
 * @param times where its time went: as the reply says it
 * @throws {BridgeError} `not_supported` for what version 1 can't carry
 */
export function answerRecord(
  asker: Asker,
  head: BackendHead,
  body: Buffer | null,
  trailers: HeaderList | null = null,
  times: ReplyTimes = UNTIMED,
): WireRecord {
  return encode(asker, {
    status: head.status,
    reason: head.reason,
    headers: endToEnd(head.headers),
    error: null,
    ...times,
    body,
    trailers,
  });
}

const UNTIMED: ReplyTimes = { tookMs: null };

/** The reply that says what went wrong: a problem document (RFC 9457). */
export function errorRecord(asker: Asker, code: ErrorCode, detail: string): WireRecord {
  const body = Buffer.from(JSON.stringify(problem(code, detail, asker.correlationId)));
  const headers = ['Content-Type', PROBLEM_CONTENT_TYPE, 'Content-Length', String(body.length)];
  const retryAfter = retryAfterSeconds(code);
  if (retryAfter !== undefined) headers.push('Retry-After', String(retryAfter));
  return encode(asker, {
    status: STATUS_OF_CODE[code],
    reason: null,
    headers,
    // A proxy of 2.0.0 drops a record with a code that it does not know; the body says it.
    error: code === 'loop_detected' ? 'processing_failed' : code,
    tookMs: null,
    body,
    trailers: null,
  });
}

function encode(
  { version, correlationId, exec }: Asker,
  fields: Omit<ReplyEnvelope, 'version' | 'correlationId' | 'sequence'>,
): WireRecord {
  return encodeReply({
    version,
    correlationId,
    sequence: exec === undefined ? null : { ...NO_SEQUENCE, exec },
    ...fields,
  });
}
