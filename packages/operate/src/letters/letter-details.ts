import {
  CORRELATION_HEADER,
  type DeadLetterError,
  decodeRequest,
  METADATA_HEADER,
  REPLAY_HEADER,
} from '@kafka-http-proxy/protocol';
import { DEAD_LETTER_HEADER } from '../records/letter.js';
import type { Replay } from '../records/replay-header.js';
import { placeOf } from '../stored-record.js';
import type { Masking } from '../text/masking.js';
import type { FoundLetter } from './letter-row.js';
import type { Mark } from './mark.js';
import type { Judgement } from './verdict.js';

/** All that is known of a letter but its body, to be shown. Times are ms since the epoch. */
export interface LetterDetails extends Judgement {
  readonly letter: string;
  /** When it was written. */
  readonly at: number;
  readonly error: DeadLetterError | null;
  /** Why its request can't be read; null where it can. */
  readonly unreadable: string | null;
  readonly request: ShownRequest | null;
  /** The record's key, as UTF-8. */
  readonly key: string | null;
  /** The last replay before it came here. */
  readonly replay: Replay | null;
  /** What was done about it last. */
  readonly mark: Mark | null;
  /** Other people's record headers: names and bytes. */
  readonly others: readonly { readonly name: string; readonly bytes: number }[];
  /** Bytes of the record's value. */
  readonly bytes: number;
}

/** A request, its secrets hidden. */
export interface ShownRequest {
  readonly version: 1 | 2;
  readonly id: string;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly string[];
  readonly trailers: readonly string[] | null;
  readonly client: string | null;
  /** Whom the proxy recognised in the client; null where nobody was asked. */
  readonly principal: string | null;
  readonly deadline: number | null;
  readonly reply: { readonly topic: string; readonly partition: number | null } | null;
}

const OURS: ReadonlySet<string> = new Set([CORRELATION_HEADER, METADATA_HEADER, DEAD_LETTER_HEADER, REPLAY_HEADER]);

/** What is to be shown of a letter. Strangers wrote it: it is to be made safe for a terminal. */
export function letterDetails(found: FoundLetter, masking: Masking): LetterDetails {
  const { letter, view, judgement, mark } = found;
  const { record, error, request, replay } = letter;
  const decoded = decodeRequest(record);
  return {
    letter: placeOf(record),
    at: record.timestampMs,
    ...judgement,
    error,
    unreadable: decoded.ok ? (error === null ? 'it has no khp-error that is understood' : null) : decoded.error.message,
    request: request && {
      version: request.version,
      id: view.id ?? '',
      method: request.method,
      target: request.target,
      headers: masking.fields(request.headers),
      trailers: request.trailers && masking.fields(request.trailers),
      client: request.client,
      principal: request.principal ?? null,
      deadline: request.deadlineMs,
      reply: request.reply,
    },
    key: record.key?.toString('utf8') ?? null,
    replay,
    mark,
    others: record.headers.flatMap((header) =>
      Object.entries(header)
        .filter(([name]) => !OURS.has(name))
        .map(([name, value]) => ({ name, bytes: value?.length ?? 0 })),
    ),
    bytes: record.value?.length ?? 0,
  };
}
