import { isPlainId } from '../basics/plain-id.js';
import { isErrorCode } from '../errors.js';
import {
  CORRELATION_HEADER,
  type Decoded,
  decoded,
  malformed,
  type ReplyEnvelope,
  type RequestEnvelope,
  recordHeader,
  type WireRecord,
} from './envelope.js';
import { MAX_HEAD_LINES, MAX_REPLY_LINES } from './limits.js';
import {
  bodyOf,
  fromObject,
  replyAddress,
  TOO_DEEP,
  targetOf,
  textOf,
  toObject,
  UTF8,
  withoutLength,
  withTrace,
} from './v1-fields.js';
import { BAD_HOST, BAD_METHOD } from './v2.js';
import { isHostClear, isMethod } from './v2-fields.js';

/*
 * Version 1 is the JSON of the Python package kafka-http-proxy 1.0.1. It carries text bodies, one
 * value a header name and one value a query parameter; what it cannot carry is refused on encoding
 * (bodies) or reduced the way 1.0.1 does it (last value wins).
 */

/**
 * Writes a request as 1.0.1's processor reads it.
 *
 * @throws {BridgeError} `not_supported` when the body is not UTF-8 text, which this version cannot carry
 */
export function encodeRequestV1(request: RequestEnvelope): WireRecord {
  const queryAt = request.target.indexOf('?');
  const path = queryAt < 0 ? request.target : request.target.slice(0, queryAt);
  const query = queryAt < 0 ? '' : request.target.slice(queryAt + 1);
  return recordV1(request.correlationId, {
    correlation_id: request.correlationId,
    method: request.method,
    path,
    query_params: Object.fromEntries(new URLSearchParams(query)),
    headers: toObject(withTrace(request)),
    body: textOf(request.body),
    client_ip: request.client,
    // Not in 1.0.1's own records, but its processor follows it.
    ...(request.reply === null ? {} : { response_topic: request.reply.topic }),
    timestamp: Date.now() / 1000,
  });
}

/** Reads a request that 1.0.1's proxy wrote. Never throws. */
export function decodeRequestV1(source: WireRecord): Decoded<RequestEnvelope> {
  const read = readJson(source);
  if (!read.ok) return read;
  const { correlationId, fields } = read.value;
  const bad = (message: string) => malformed('malformed_body', message, { correlationId });

  // Without a method either, it would pass for `GET /`.
  if (fields.status_code !== undefined) return bad('this is a reply: it has a "status_code"');
  const method = fields.method ?? 'GET';
  if (!isMethod(method)) return bad(BAD_METHOD);
  const target = targetOf(fields.path ?? '/', fields.query_params ?? {});
  if (target === null) return bad('"path" and "query_params" do not make a request-target');
  const headers = fromObject(fields.headers ?? {}, MAX_HEAD_LINES + 1);
  if (headers === null) return bad('"headers" must be an object of header names and values');
  if (!isHostClear(headers)) return bad(BAD_HOST);
  const body = bodyOf(fields.body);
  if (body === undefined) return bad(TOO_DEEP);
  const client = fields.client_ip;
  return decoded({
    version: 1,
    correlationId,
    method,
    target,
    // 1.0.1 carries the length of the body it received, which need not be the one it sends.
    headers: withoutLength(headers),
    client: typeof client === 'string' ? client : null,
    deadlineMs: null,
    reply: replyAddress(fields.response_topic),
    trace: null,
    body,
    trailers: null,
    more: false,
  });
}

/**
 * Writes a reply as 1.0.1's proxy reads it. Repeated headers are joined by a comma, and of several
 * Set-Cookie lines the last is kept: an object has room for one.
 *
 * @throws {BridgeError} `not_supported` when the body is not UTF-8 text
 */
export function encodeReplyV1(reply: ReplyEnvelope): WireRecord {
  const fields: Record<string, unknown> = {
    correlation_id: reply.correlationId,
    timestamp: Date.now() / 1000,
    status_code: reply.status,
    headers: toObject(reply.headers),
    body: textOf(reply.body),
  };
  if (reply.error !== null) fields.error = reply.error;
  return recordV1(reply.correlationId, fields);
}

/** Reads a reply that 1.0.1's processor wrote. Never throws. */
export function decodeReplyV1(source: WireRecord): Decoded<ReplyEnvelope> {
  const read = readJson(source);
  if (!read.ok) return read;
  const { correlationId, fields } = read.value;
  const bad = (message: string) => malformed('malformed_body', message, { correlationId });

  const status = fields.status_code;
  if (!Number.isInteger(status) || (status as number) < 200 || (status as number) > 999) {
    return bad('"status_code" must be an integer of 200 to 999');
  }
  const headers = fromObject(fields.headers ?? {}, MAX_REPLY_LINES);
  if (headers === null) return bad('"headers" must be an object of header names and values');
  const body = bodyOf(fields.body);
  if (body === undefined) return bad(TOO_DEEP);
  return decoded({
    version: 1,
    correlationId,
    status: status as number,
    reason: null,
    // 1.0.1 decompresses and re-serialises bodies: their length and coding are no longer those of the backend.
    headers: withoutLength(headers, 'content-encoding'),
    error: isErrorCode(fields.error) ? fields.error : null,
    tookMs: null,
    body,
    trailers: null,
    sequence: null,
  });
}

function recordV1(correlationId: string, fields: Record<string, unknown>): WireRecord {
  return { value: Buffer.from(JSON.stringify(fields)), headers: [{ [CORRELATION_HEADER]: correlationId }] };
}

function readJson(source: WireRecord): Decoded<{ correlationId: string; fields: Record<string, unknown> }> {
  const header = recordHeader(source.headers, CORRELATION_HEADER);
  const known = header !== null && isPlainId(header) ? header : null;
  if (source.value === null) {
    return malformed('missing_metadata', 'the record has neither version 2 metadata nor a version 1 body', {
      correlationId: known,
    });
  }
  let fields: unknown;
  try {
    fields = JSON.parse(UTF8.decode(source.value));
  } catch {
    return malformed('malformed_body', 'the record is neither version 2 nor the JSON of version 1', {
      correlationId: known,
    });
  }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    return malformed('malformed_body', 'the JSON of version 1 must be an object', { correlationId: known });
  }
  const inBody = (fields as Record<string, unknown>).correlation_id;
  const correlationId = typeof inBody === 'string' && isPlainId(inBody) ? inBody : known;
  if (correlationId === null) {
    return malformed('missing_correlation_id', '"correlation_id" must be 1 to 128 visible ASCII characters');
  }
  return decoded({ correlationId, fields: fields as Record<string, unknown> });
}
