import {
  CORRELATION_HEADER,
  headerValue,
  isPlainId,
  MAX_METADATA_BYTES,
  METADATA_HEADER,
  parseTraceparent,
  REPLAY_HEADER,
  type RecordHeaders,
  type ReplyAddress,
  recordHeader,
  shownId,
} from '@kafka-http-proxy/protocol';
import { DEAD_LETTER_HEADER, type Letter } from '../records/letter.js';
import { MAX_TRACEPARENT, type Replay } from '../records/replay-header.js';

/** How a letter is addressed anew. */
export interface ReplayAddress {
  /** Of the replayer: who has the answer is told by it. */
  readonly correlationId: string;
  /** When nobody waits any longer, ms since the epoch. */
  readonly deadlineMs: number;
  /** Where the answer goes; null: nobody waits for it, and the processor is told to write none. */
  readonly reply: ReplyAddress | null;
  /** Another request topic than the first one. */
  readonly to?: string | undefined;
  /** How often the request was sent again, this time included. */
  readonly n: number;
  /** Names the run. */
  readonly run: string;
  /** user@host. */
  readonly by: string;
  /** ms since the epoch. */
  readonly at: number;
}

/** A record to be written; the partition follows from its key, as the first time. */
export interface ReplayRecord {
  readonly topic: string;
  readonly partition: null;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
}

/** The record, or why there can be none. */
export type Replayed =
  | { readonly ok: true; readonly record: ReplayRecord }
  | { readonly ok: false; readonly why: 'unreadable' | 'too_large' };

/** Headers that are about the time before: a new trace begins, and links to the old one by `khp-replay`. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  CORRELATION_HEADER,
  METADATA_HEADER,
  DEAD_LETTER_HEADER,
  REPLAY_HEADER,
  'traceparent',
  'tracestate',
]);

/**
 * The request of a letter as a record that a processor carries out like the first one: the backend sees the same
 * method, target, fields, body and X-Request-ID. Key and value are untouched. Of `khp`, `deadline`, `reply` and `noreply`
 * are changed and X-Request-ID is added where the client sent none; all else stays, also what is not known here.
 *
 * Version 1 has neither a deadline nor an address of its own: key, value and correlation id are those of the first try,
 * so its answer can't be waited for.
 *
 * It is larger than the first record by `khp-replay`, at most 1.5 KB and usually 320 bytes, by X-Request-ID, at most
 * 150 bytes, and by as much as the new reply topic is longer. Where the topic does not take that, Kafka refuses it.
 *
 * @example
 * const made = replayRecord(letter, { correlationId, deadlineMs, reply, n: 1, run, by, at: Date.now() });
 * if (made.ok) producer.send(made.record, settled);
 */
export function replayRecord(letter: Letter, address: ReplayAddress): Replayed {
  const { record, request, error } = letter;
  if (request === null || error === null) return { ok: false, why: 'unreadable' };
  const own = request.version === 2 ? envelopeHeaders(letter, address) : firstEnvelope(record.headers);
  if (own === null) return { ok: false, why: 'unreadable' };
  if (own.some((header) => Buffer.byteLength(header[METADATA_HEADER] ?? '') > MAX_METADATA_BYTES)) {
    return { ok: false, why: 'too_large' };
  }
  const foreign = record.headers.filter((header) => Object.keys(header).every((name) => !LEFT_OUT.has(name)));
  const replay = { [REPLAY_HEADER]: JSON.stringify(replayHeader(letter, address)) };
  const headers = [...own, ...foreign, replay];
  const { key, value } = record;
  return { ok: true, record: { topic: address.to ?? error.topic, partition: null, key, value, headers } };
}

/** What the backend knows the request by: the X-Request-ID that the bridge gave it the first time. */
export function firstId({ replay, request }: Letter): string | null {
  return replay?.id ?? (request === null ? null : shownId(request.correlationId));
}

function replayHeader(letter: Letter, { n, run, by, at }: ReplayAddress): Replay {
  const { topic, partition, offset } = letter.record;
  const of: Replay['of'] = [topic, partition, offset];
  const trace = recordHeader(letter.record.headers, 'traceparent');
  return {
    ...{ v: 1, n, run, of, first: letter.replay?.first ?? of, id: firstId(letter) ?? '', at, by },
    ...(trace !== null && trace.length <= MAX_TRACEPARENT && parseTraceparent(trace) !== null && { trace }),
  };
}

/** `correlation_id` and `khp`; null where that can't be written again: it may be nested deeper than JSON can be made. */
function envelopeHeaders(letter: Letter, address: ReplayAddress): Record<string, string>[] | null {
  const { correlationId, deadlineMs, reply } = address;
  try {
    // Decoded already, so it is an object; its fields keep their order, and new ones come behind.
    const khp = JSON.parse(recordHeader(letter.record.headers, METADATA_HEADER) ?? '') as Record<string, unknown>;
    khp.headers = withRequestId(khp.headers as string[], firstId(letter) ?? '');
    khp.deadline = deadlineMs;
    delete khp.noreply;
    delete khp.trace;
    delete khp.timing;
    if (reply === null) {
      delete khp.reply;
      khp.noreply = true;
    } else khp.reply = [reply.topic, reply.partition];
    return [{ [CORRELATION_HEADER]: correlationId }, { [METADATA_HEADER]: JSON.stringify(khp) }];
  } catch {
    return null;
  }
}

/**
 * As the processor's `requestId()` decides: the first X-Request-ID of the client is kept where it is sane. Others gave
 * way to the correlation id; so they do to that of the first try.
 */
function withRequestId(headers: readonly string[], id: string): readonly string[] {
  const sent = headerValue(headers, 'x-request-id');
  if (sent !== undefined && isPlainId(sent)) return headers;
  const isOther = (i: number) => (headers[i - (i % 2)] as string).toLowerCase() !== 'x-request-id';
  return [...headers.filter((_, i) => isOther(i)), 'X-Request-ID', id];
}

/** Version 1's own headers, untouched. */
function firstEnvelope(headers: RecordHeaders): RecordHeaders {
  return headers.filter((header) => CORRELATION_HEADER in header);
}
