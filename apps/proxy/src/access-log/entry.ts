/** What a line of the access log says of a request. Texts are as they came: any byte may be in them. */
export interface AccessEntry {
  /** When its head was there, ms since the epoch. */
  readonly atMs: number;
  /** Address that the connection came from; null where that is not known any more. */
  readonly client: string | null;
  /** Whom the door recognised; null where nobody was asked, or let in. */
  readonly principal: string | null;
  readonly line: RequestLine;
  readonly status: number;
  /** Bytes of body that were written. */
  readonly bytes: number;
  /** From its head to the end of its response, ms. */
  readonly tookMs: number;
  /** Request topic; undefined where it came to none. */
  readonly topic: string | undefined;
  /** The id that the client got; undefined where there is none. */
  readonly requestId: string | undefined;
  /** What commands know the request by, where the client gave an id of its own; undefined otherwise. */
  readonly correlationId: string | undefined;
  /** Undefined where the answer is the backend's. */
  readonly code: string | undefined;
  /** In Kafka both ways and waiting for its turn, ms; null where that is not known. */
  readonly queueMs: number | null;
  /** What the processor took, ms; null where that is not known. */
  readonly backendMs: number | null;
  readonly traceId: string | null;
  readonly referer: string | undefined;
  readonly userAgent: string | undefined;
}

/** The request line; `raw` where it is none, and null where nobody knows it. */
export type RequestLine =
  | { readonly method: string; readonly target: string; readonly version: string }
  | { readonly raw: string }
  | null;
