import {
  DeadLetterError,
  type Decoded,
  decodeRequest,
  type RequestEnvelope,
  recordHeader,
} from '@kafka-http-proxy/protocol';
import type { StoredRecord } from '../stored-record.js';
import { type Replay, replayOf } from './replay-header.js';

/** Record header that says why a request is in the dead-letter topic. */
export const DEAD_LETTER_HEADER = 'khp-error';

/** A record of a dead-letter topic, as far as it can be read. */
export interface Letter {
  readonly record: StoredRecord;
  /** Null where `khp-error` is missing or says nothing that is understood. */
  readonly error: DeadLetterError | null;
  /** The request; null where it can't be read (a poison record). */
  readonly request: RequestEnvelope | null;
  /** The last replay before it came here; null: it was never replayed. */
  readonly replay: Replay | null;
}

/** Largest `khp-error` that is read, bytes: ours have 1 KB. */
const MAX_ERROR_BYTES = 16_384;

/** Reads a letter. Never throws: anybody may write to a topic. */
export function readLetter(record: StoredRecord): Letter {
  const request: Decoded<RequestEnvelope> = decodeRequest(record);
  return {
    record,
    error: errorOf(record),
    request: request.ok ? request.value : null,
    replay: replayOf(record.headers),
  };
}

function errorOf({ headers }: StoredRecord): DeadLetterError | null {
  const text = recordHeader(headers, DEAD_LETTER_HEADER);
  if (text === null || text.length > MAX_ERROR_BYTES) return null;
  try {
    const parsed = DeadLetterError.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
