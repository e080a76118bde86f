import {
  type ContinuationEnvelope,
  canaryId,
  decodeInbox,
  decodeRequest,
  type EnvelopeError,
  type HeaderList,
  hasRecordHeader,
  METADATA_HEADER,
  type ReplyEnvelope,
  type RequestEnvelope,
  recordHeader,
  shownId,
} from '@kafka-http-proxy/protocol';
import type { StoredRecord } from '../stored-record.js';
import { DEAD_LETTER_HEADER, type Letter, readLetter } from './letter.js';

/**
 * What kind of record it is. `part` is a later record of a sequence (more of a body, credit, cancel); `other` is none
 * of this protocol, and canaries, which have no {@link RecordView.fault}.
 */
export type RecordKind = 'request' | 'letter' | 'reply' | 'part' | 'other';

/** A record as filters and lists see it: what of it is HTTP, whatever its topic. Null is what it does not have. */
export interface RecordView {
  readonly record: StoredRecord;
  readonly kind: RecordKind;
  /** Whole, to join by; show {@link RecordView.id}. */
  readonly correlationId: string | null;
  /** What of the correlation id may be shown. */
  readonly id: string | null;
  readonly method: string | null;
  readonly target: string | null;
  /** Of a reply; of a letter, what the client was told. */
  readonly status: number | null;
  /** Code of the bridge's own failure. */
  readonly code: string | null;
  readonly client: string | null;
  /** Whom the proxy recognised in the client. */
  readonly principal: string | null;
  /** HTTP fields. */
  readonly headers: HeaderList;
  readonly request: RequestEnvelope | null;
  readonly reply: ReplyEnvelope | null;
  readonly letter: Letter | null;
  readonly part: ContinuationEnvelope | null;
  /** Why it can't be read; null where it can, and of canaries. */
  readonly fault: EnvelopeError | null;
}

/** Reads a record as what it is. Never throws. */
export function viewOf(record: StoredRecord): RecordView {
  if (hasRecordHeader(record.headers, DEAD_LETTER_HEADER)) return letterView(record);
  const request = decodeRequest(record);
  if (request.ok) return { ...requestFields(record, request.value), kind: 'request', status: null, code: null };
  const inbox = decodeInbox(record);
  if (!inbox.ok) {
    const fault = canaryId(record) !== null ? null : looksLikeRequest(record) ? request.error : inbox.error;
    return { ...nothing(record), kind: 'other', fault };
  }
  if (inbox.value.kind === 'continuation') {
    const { part } = inbox.value;
    return { ...nothing(record), kind: 'part', ...ids(part.correlationId), code: part.error, part };
  }
  const { reply } = inbox.value;
  return {
    ...nothing(record),
    kind: 'reply',
    ...ids(reply.correlationId),
    status: reply.status,
    code: reply.error,
    headers: reply.headers,
    reply,
  };
}

/** A record that is neither is judged as what it comes nearest to. */
function looksLikeRequest(record: StoredRecord): boolean {
  return recordHeader(record.headers, METADATA_HEADER)?.includes('"method"') === true;
}

function letterView(record: StoredRecord): RecordView {
  const letter = readLetter(record);
  const { request, error } = letter;
  const fields = request === null ? nothing(record) : requestFields(record, request);
  return { ...fields, kind: 'letter', code: error?.code ?? null, status: error?.status ?? null, letter };
}

function requestFields(record: StoredRecord, request: RequestEnvelope): RecordView {
  const { correlationId, method, target, client, principal = null, headers } = request;
  return { ...nothing(record), ...ids(correlationId), method, target, client, principal, headers, request };
}

function ids(correlationId: string): Pick<RecordView, 'correlationId' | 'id'> {
  return { correlationId, id: shownId(correlationId) };
}

function nothing(record: StoredRecord): RecordView {
  return {
    record,
    kind: 'other',
    correlationId: null,
    id: null,
    method: null,
    target: null,
    status: null,
    code: null,
    client: null,
    principal: null,
    headers: [],
    request: null,
    reply: null,
    letter: null,
    part: null,
    fault: null,
  };
}
