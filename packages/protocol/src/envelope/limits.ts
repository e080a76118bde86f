import { isPlainId, MAX_PLAIN_ID_LENGTH } from '../basics/plain-id.js';
import type { HeaderList } from '../header-list.js';
import {
  CORRELATION_HEADER,
  type EnvelopeError,
  METADATA_HEADER,
  malformed,
  type RecordHeaders,
  recordHeader,
  type WireRecord,
} from './envelope.js';

/*
 * How much a stranger may have us take in at once, and what it costs to hold it.
 */

/** Most lines of a request's head beside Host: a line costs far more to hold than its characters. */
export const MAX_HEAD_LINES = 1000;

/** Most lines of a reply's head: backends were chosen by somebody, and are fewer. */
export const MAX_REPLY_LINES = 4000;

/** Largest `khp` header of a record, bytes: it is judged before it is parsed. */
export const MAX_METADATA_BYTES = 262_144;

/** Most headers of a record, ours and other people's. */
const MAX_RECORD_HEADERS = 256;

/** Room for the key and other people's record headers above the largest record that is written here, bytes. */
const RECORD_ALLOWANCE_BYTES = 65_536;

/** About what V8 takes for a line of a head beside its characters: two strings and their places, bytes. */
const LINE_BYTES = 64;

/** About what a head takes in memory, bytes: its characters, and a price for each line. */
export function headBytes(headers: HeaderList): number {
  let bytes = (headers.length / 2) * LINE_BYTES;
  for (const text of headers) bytes += text.length;
  return bytes;
}

/** Bytes of the `khp` of a record that was encoded here; 0 in version 1. */
export function metadataBytes({ headers }: WireRecord): number {
  const khp = headers[1]?.[METADATA_HEADER];
  if (khp === undefined) return 0;
  // Few heads are so long that it counts how many bytes a character takes.
  return typeof khp === 'string' && khp.length > MAX_METADATA_BYTES / 2 ? Buffer.byteLength(khp) : khp.length;
}

/**
 * About what a record costs that is taken up and waits, bytes: its own, its head read into strings, and a
 * price for each line of that.
 *
 * @param lines of the head; 0 while it is not read
 */
export function queuedBytes(value: Buffer | null, headers: RecordHeaders, lines: number): number {
  let bytes = value?.length ?? 0;
  for (const header of headers) for (const name in header) bytes += 2 * (header[name]?.length ?? 0) + LINE_BYTES;
  return bytes + lines * LINE_BYTES;
}

/**
 * What is wrong with a record that is larger than any that is written here; null when nothing is. To be asked
 * before it is parsed: what it says costs much more than its bytes.
 *
 * @param maxRecordBytes `kafka.max_record_bytes`
 */
export function oversized(record: WireRecord, maxRecordBytes: number): EnvelopeError | null {
  const { value, headers } = record;
  if (headers.length > MAX_RECORD_HEADERS) {
    return fault(record, `the record has ${headers.length} headers; ${MAX_RECORD_HEADERS} is the most`);
  }
  let bytes = value?.length ?? 0;
  let metadata = 0;
  for (const header of headers) {
    for (const name in header) {
      const length = header[name]?.length ?? 0;
      if (name === METADATA_HEADER) metadata = Math.max(metadata, length);
      bytes += length;
    }
  }
  if (metadata > MAX_METADATA_BYTES) {
    return fault(record, `record header "${METADATA_HEADER}" has ${metadata} bytes; ${MAX_METADATA_BYTES} is the most`);
  }
  const most = maxRecordBytes + RECORD_ALLOWANCE_BYTES;
  return bytes > most
    ? fault(record, `the record has ${bytes} bytes; ${most} is the most (kafka.max_record_bytes)`)
    : null;
}

function fault(record: WireRecord, message: string): EnvelopeError {
  // Not made a text of before its length is known to be one's.
  const isShort = record.headers.every((header) => (header[CORRELATION_HEADER]?.length ?? 0) <= MAX_PLAIN_ID_LENGTH);
  const id = isShort ? recordHeader(record.headers, CORRELATION_HEADER) : null;
  return malformed('oversized', message, { correlationId: id !== null && isPlainId(id) ? id : null }).error;
}
