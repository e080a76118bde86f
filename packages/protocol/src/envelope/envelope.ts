import type { ErrorCode } from '../errors.js';
import type { HeaderList } from '../header-list.js';

/** Record headers as the Kafka client takes and gives them: one property an object, Buffers when read. */
export type RecordHeaders = ReadonlyArray<Readonly<Record<string, string | Buffer>>>;

/** What of a Kafka record belongs to the envelope. */
export interface WireRecord {
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
}

/** Record header with the correlation id; the name is 1.0.1's. */
export const CORRELATION_HEADER = 'correlation_id';
/** Record header with the compact JSON metadata of version 2. */
export const METADATA_HEADER = 'khp';

/**
 * Field of a request to a backend: seconds until nobody waits for its answer. A proxy that gets it gives the request
 * no more time, so that deadlines shrink along a chain; it is relative, since a next hop's clock may be another.
 */
export const TIME_LEFT_FIELD = 'X-Kafka-Time-Left';

/** Where a reply goes. `partition` is null when the asker reads them all (version 1). */
export interface ReplyAddress {
  readonly topic: string;
  readonly partition: number | null;
}

/** A process's inbox partition: where its peer sends continuation and control records. */
export type Inbox = ReplyAddress & { readonly partition: number };

/** W3C trace context as received (https://www.w3.org/TR/trace-context/). */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
  /**
   * True where no client sent it and nothing is recorded of it: it travels in `khp`, since a record header of its own
   * costs both tiers more than all the rest of not recording.
   */
  readonly inHead?: true;
}

/** An HTTP request on its way to a processor. */
export interface RequestEnvelope {
  readonly version: 1 | 2;
  readonly correlationId: string;
  readonly method: string;
  /** The request-target as received: origin form or `*` (RFC 9112 §3.2), never decoded. */
  readonly target: string;
  readonly headers: HeaderList;
  /** Address of the client as the proxy saw it; null when unknown. */
  readonly client: string | null;
  /** Whom the proxy recognised in the client: `<sub>@<iss>` and the like. Left out: nobody was asked who he is. */
  readonly principal?: string | undefined;
  /** When nobody waits any longer, ms since the epoch; null in version 1, which has no deadline. */
  readonly deadlineMs: number | null;
  /** Null where the record names none, as most of version 1: the reply goes to the configured response topic. */
  readonly reply: ReplyAddress | null;
  readonly trace: TraceContext | null;
  readonly body: Buffer | null;
  /** Trailer fields behind a whole body (RFC 9110 §6.5); null when there are none. */
  readonly trailers: HeaderList | null;
  /** True when the body goes on in a sequence to the processor's inbox. */
  readonly more: boolean;
  /** With `more`: the proxy's `control_topic`, where the rest can be asked for. Left out: not said (2.0.0). */
  readonly control?: string | undefined;
  /** True where nobody waits: no reply is written, and a failure becomes a dead letter alone. Version 1 can't say it. */
  readonly noReply?: boolean | undefined;
  /** True where the reply is to say `queue` and `backend` too. */
  readonly timing?: boolean | undefined;
}

/** A whole HTTP reply, or the first record of a sequence. */
export interface ReplyEnvelope {
  readonly version: 1 | 2;
  readonly correlationId: string;
  readonly status: number;
  /** Reason phrase, when it is not the standard one of the status. */
  readonly reason: string | null;
  readonly headers: HeaderList;
  /** Set when the processor and not the backend made the reply. */
  readonly error: ErrorCode | null;
  /** From taking the request up to this record, ms; what is left of the round trip the request waited. Null: not said. */
  readonly tookMs: number | null;
  /** From its record to taking it up, by two clocks, ms; said only where `timing` asked for it, and they agree. */
  readonly queueMs?: number | undefined;
  /** In all attempts at the backend, ms; said only where `timing` asked for it. */
  readonly backendMs?: number | undefined;
  readonly body: Buffer | null;
  /** Trailer fields behind a body that ends with this record; null when there are none. */
  readonly trailers: HeaderList | null;
  /** Null when the reply is whole and no sequence of the request goes before it. */
  readonly sequence: Sequence | null;
  /** Context of the span that sent it; left out where the request is not sampled. */
  readonly trace?: TraceContext | undefined;
  /** Where its record is; set by its reader where it is sampled. */
  at?: { readonly partition: number; readonly offset: number } | undefined;
}

/** Fields of a record that is part of a sequence, or steers one (credit, cancel). */
export interface Sequence {
  readonly seq: number | null;
  readonly end: boolean;
  /** Names the execution, so that two of one request are never spliced. */
  readonly exec: string | null;
  readonly inbox: Inbox | null;
  /** Absolute byte offset up to which the peer may send. */
  readonly credit: number | null;
  readonly cancel: boolean;
}

/** The fields of a sequence when none is set. */
export const NO_SEQUENCE: Sequence = {
  seq: null,
  end: false,
  exec: null,
  inbox: null,
  credit: null,
  cancel: false,
};

/** A later record of a sequence, credit, or cancel: no head fields. */
export interface ContinuationEnvelope {
  readonly correlationId: string;
  readonly sequence: Sequence;
  readonly error: ErrorCode | null;
  readonly body: Buffer | null;
  /** Trailer fields, on the record with `end`; null when there are none. */
  readonly trailers: HeaderList | null;
}

/** Why a record could not be understood. */
export type EnvelopeFault =
  | 'missing_correlation_id'
  | 'missing_metadata'
  | 'malformed_metadata'
  | 'unknown_version'
  | 'malformed_body'
  /** Larger than any that is written here. */
  | 'oversized';

/**
 * A record that is not of this protocol. It carries what could still be read, so that an answer can
 * be sent to whoever waits.
 */
export interface EnvelopeError {
  readonly fault: EnvelopeFault;
  /** One sentence: what was wrong, and what was expected. */
  readonly message: string;
  readonly correlationId: string | null;
  readonly reply: ReplyAddress | null;
}

/** The outcome of a decoder: it never throws. */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: EnvelopeError };

/** What could be read. */
export function decoded<T>(value: T): Decoded<T> {
  return { ok: true, value };
}

/** What could not be read, with what could. */
export function malformed(
  fault: EnvelopeFault,
  message: string,
  known: { correlationId?: string | null; reply?: ReplyAddress | null } = {},
): { readonly ok: false; readonly error: EnvelopeError } {
  return {
    ok: false,
    error: { fault, message, correlationId: known.correlationId ?? null, reply: known.reply ?? null },
  };
}

/** True where a record has a header with a value, whatever that is; it is not looked at. */
export function hasRecordHeader(headers: RecordHeaders, name: string): boolean {
  // From the end, where the envelope's own are looked for first.
  for (let i = headers.length - 1; i >= 0; i--) if ((headers[i]?.[name] ?? undefined) !== undefined) return true;
  return false;
}

/** The text of a record header, or null when it is absent; the last one wins, as in Kafka's Headers.lastHeader. */
export function recordHeader(headers: RecordHeaders, name: string): string | null {
  for (let i = headers.length - 1; i >= 0; i--) {
    // Kafka's headers may have no value at all, whatever the type says.
    const value = headers[i]?.[name] ?? undefined;
    if (value !== undefined) return typeof value === 'string' ? value : value.toString('utf8');
  }
  return null;
}
