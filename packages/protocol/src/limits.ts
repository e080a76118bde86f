import { isCorrelationId, MAX_CORRELATION_ID_LENGTH } from './correlation.js';
import {
  CORRELATION_HEADER,
  type EnvelopeError,
  METADATA_HEADER,
  malformed,
  type RecordHeaders,
  recordHeader,
  type WireRecord,
} from './envelope.js';
import type { HeaderList } from './header-list.js';

/*
 * How much a stranger may have us take in at once, and what it costs to hold it.
 */

/** Most lines of a head, of a request or a reply: a line costs far more to hold than its characters. */
export const MAX_HEAD_LINES = 1000;

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
  // Looked at by its length first: one of hundreds of megabytes can't even be made a string.
  const long = record.headers.some((header) => (header[CORRELATION_HEADER]?.length ?? 0) > MAX_CORRELATION_ID_LENGTH);
  const id = long ? null : recordHeader(record.headers, CORRELATION_HEADER);
  return malformed('oversized', message, { correlationId: id !== null && isCorrelationId(id) ? id : null }).error;
}
