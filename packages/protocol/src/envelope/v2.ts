import { isPrincipal, PRINCIPAL } from '../basics/principal.js';
import { isPlainTraceparent } from '../basics/traceparent.js';
import { isErrorCode } from '../errors.js';
import { isFieldValue } from '../header-list.js';
import {
  CORRELATION_HEADER,
  type ContinuationEnvelope,
  type Decoded,
  decoded,
  METADATA_HEADER,
  malformed,
  type ReplyEnvelope,
  type RequestEnvelope,
  type TraceContext,
  type WireRecord,
} from './envelope.js';
import { MAX_HEAD_LINES, MAX_REPLY_LINES } from './limits.js';
import {
  addressFromWire,
  addressToWire,
  isCount,
  isFinalStatus,
  isHeaderList,
  isHostClear,
  isMethod,
  isTarget,
  isTimestamp,
  isTopicName,
  type Metadata,
  sequenceFromWire,
  sequenceToWire,
  trailersFromWire,
} from './v2-fields.js';
import { readMetadata, traceOf } from './v2-metadata.js';

/*
 * Version 2: the value is the raw body, byte for byte; metadata is the JSON of one record header.
 * Field names are public interface. `schema.ts` says the same in Zod; here is the tight check for
 * the hot path, and a property test holds the two together.
 */

/** The inverse of {@link decodeRequestV2}, for every envelope that it accepts. */
export function encodeRequestV2(request: RequestEnvelope): WireRecord {
  // One literal, of which JSON leaves out what is undefined: objects that grow are slow to make.
  const metadata = {
    v: 2,
    method: request.method,
    target: request.target,
    headers: request.headers,
    client: request.client ?? undefined,
    principal: request.principal,
    deadline: request.deadlineMs ?? undefined,
    reply: request.reply === null ? undefined : addressToWire(request.reply),
    trailers: request.trailers ?? undefined,
    more: request.more ? true : undefined,
    control: request.control,
    noreply: request.noReply === true ? true : undefined,
    timing: request.timing === true ? true : undefined,
    trace: request.trace?.inHead === true ? request.trace.traceparent : undefined,
  };
  const headers = recordHeaders(request.correlationId, metadata);
  if (request.trace && request.trace.inHead !== true) addContext(headers, request.trace);
  return { value: request.body, headers };
}

/** Reads a record of a request topic. Never throws: a record of any other kind is an error value. */
export function decodeRequestV2(record: WireRecord): Decoded<RequestEnvelope> {
  const read = readMetadata(record.headers);
  if (!read.ok) return read;
  const { correlationId, metadata } = read.value;
  const reply = addressFromWire(metadata.reply);
  const bad = (message: string) => malformed('malformed_metadata', message, { correlationId, reply: reply ?? null });

  if (reply === undefined) return bad('"reply" must be [topic, partition or null]');
  const { method, target, headers, client, principal, deadline, more, control, noreply, timing, trace } = metadata;
  const trailers = trailersFromWire(metadata);
  if (!isMethod(method)) return bad(BAD_METHOD);
  if (typeof target !== 'string' || !isTarget(target)) {
    return bad('"target" must be a request-target in origin form, or *');
  }
  if (!isHeaderList(headers, MAX_HEAD_LINES + 1)) return bad(BAD_HEADERS);
  if (!isHostClear(headers)) return bad(BAD_HOST);
  if (client !== undefined && typeof client !== 'string') return bad('"client" must be a string');
  if (principal !== undefined && !isPrincipal(principal)) return bad(`"principal" must be ${PRINCIPAL}`);
  if (deadline !== undefined && !isTimestamp(deadline)) return bad('"deadline" must be ms since the epoch');
  if (more !== undefined && more !== true) return bad('"more" must be true where it is present');
  if (trailers === undefined) return bad(BAD_TRAILERS);
  if (control !== undefined && !isTopicName(control)) return bad('"control" must be a topic');
  if (noreply !== undefined && noreply !== true) return bad('"noreply" must be true where it is present');
  if (timing !== undefined && timing !== true) return bad('"timing" must be true where it is present');
  if (trace !== undefined && !isPlainTraceparent(trace)) return bad('"trace" must be a traceparent');
  return decoded({
    version: 2,
    correlationId,
    method,
    target,
    headers,
    client: client ?? null,
    ...(principal !== undefined && { principal }),
    deadlineMs: deadline ?? null,
    reply,
    trace: traceOf(record.headers) ?? (trace === undefined ? null : { traceparent: trace, inHead: true }),
    body: record.value,
    trailers,
    more: more === true,
    ...(control !== undefined && { control }),
    ...(noreply === true && { noReply: true }),
    ...(timing === true && { timing: true }),
  });
}

/** The inverse of {@link decodeReplyV2}. */
export function encodeReplyV2(reply: ReplyEnvelope): WireRecord {
  const metadata = {
    v: 2,
    status: reply.status,
    reason: reply.reason ?? undefined,
    headers: reply.headers,
    error: reply.error ?? undefined,
    took: reply.tookMs ?? undefined,
    queue: reply.queueMs,
    backend: reply.backendMs,
    trailers: reply.trailers ?? undefined,
  };
  if (reply.sequence !== null) sequenceToWire(reply.sequence, metadata);
  const headers = recordHeaders(reply.correlationId, metadata);
  if (reply.trace !== undefined) addContext(headers, reply.trace);
  return { value: reply.body, headers };
}

/** The inverse of {@link decodeContinuationV2}. */
export function encodeContinuationV2(part: ContinuationEnvelope): WireRecord {
  const metadata: Record<string, unknown> = { v: 2 };
  sequenceToWire(part.sequence, metadata);
  if (part.error !== null) metadata.error = part.error;
  if (part.trailers !== null) metadata.trailers = part.trailers;
  return record(part.correlationId, metadata, part.body);
}

/** What an inbox can hold: the head of a reply, or a later record of a sequence. */
export type InboxRecord =
  | { readonly kind: 'reply'; readonly reply: ReplyEnvelope }
  | { readonly kind: 'continuation'; readonly part: ContinuationEnvelope };

/** Reads a record of an inbox. Never throws. */
export function decodeInboxV2(source: WireRecord): Decoded<InboxRecord> {
  const read = readMetadata(source.headers);
  if (!read.ok) return read;
  const { correlationId, metadata } = read.value;
  const bad = (message: string) => malformed('malformed_metadata', message, { correlationId });

  const sequence = sequenceFromWire(metadata);
  if (typeof sequence === 'string') return bad(sequence);
  const { status, reason, headers, error, took, queue, backend } = metadata;
  if (error !== undefined && !isErrorCode(error)) return bad('"error" must be a known error code');
  const trailers = trailersFromWire(metadata);
  if (trailers === undefined) return bad(BAD_TRAILERS);
  if (status === undefined) {
    if (sequence === null) return bad('neither "status" nor a sequence field is present');
    return decoded({
      kind: 'continuation',
      part: { correlationId, sequence, error: error ?? null, body: source.value, trailers },
    });
  }
  if (!isFinalStatus(status)) return bad('"status" must be an integer of 200 to 999');
  if (reason !== undefined && (typeof reason !== 'string' || !isFieldValue(reason))) {
    return bad('"reason" must be a reason phrase');
  }
  if (!isHeaderList(headers, MAX_REPLY_LINES)) return bad(BAD_HEADERS);
  if (took !== undefined && !isCount(took)) return bad('"took" must be a count of ms');
  if (queue !== undefined && !isCount(queue)) return bad('"queue" must be a count of ms');
  if (backend !== undefined && !isCount(backend)) return bad('"backend" must be a count of ms');
  return decoded({
    kind: 'reply',
    reply: {
      version: 2,
      correlationId,
      status,
      reason: reason ?? null,
      headers,
      error: error ?? null,
      tookMs: took ?? null,
      queueMs: queue,
      backendMs: backend,
      body: source.value,
      trailers,
      sequence,
      trace: traceOf(source.headers) ?? undefined,
      at: undefined,
    },
  });
}

/** {@link decodeInboxV2} where only the head of a reply will do. */
export function decodeReplyV2(source: WireRecord): Decoded<ReplyEnvelope> {
  const read = decodeInboxV2(source);
  if (!read.ok) return read;
  if (read.value.kind === 'reply') return decoded(read.value.reply);
  return malformed('malformed_metadata', 'a continuation record stands where a reply was expected', read.value.part);
}

function addContext(headers: Record<string, string>[], { traceparent, tracestate }: TraceContext): void {
  headers.push({ traceparent });
  if (tracestate !== undefined) headers.push({ tracestate });
}

function record(correlationId: string, metadata: Metadata, value: Buffer | null): WireRecord {
  return { value, headers: recordHeaders(correlationId, metadata) };
}

/** The names are written out, since V8 makes an object with computed ones slowly; they are {@link CORRELATION_HEADER} and {@link METADATA_HEADER}. */
function recordHeaders(correlationId: string, metadata: Metadata): Record<string, string>[] {
  return [{ correlation_id: correlationId }, { khp: JSON.stringify(metadata) }];
}

/** What is wrong with a method, in both versions. */
export const BAD_METHOD = '"method" must be an HTTP token, and not CONNECT';
/** What is wrong with Host, in both versions. */
export const BAD_HOST = '"headers" must have one Host at most, a host name or address and a port';
const BAD_HEADERS = `"headers" must be a flat list of header names and values, ${MAX_HEAD_LINES} lines at most, ${MAX_REPLY_LINES} of a reply`;
const BAD_TRAILERS = '"trailers" must be a flat list of field names and values';
