import type { HeaderList } from '@kafka-http-proxy/protocol';
import type { BackendRequest } from './backend-request.js';

/** Status line and header fields of a final (not 1xx) response. */
export interface BackendHead {
  readonly status: number;
  /** Reason phrase, when it is not the standard one of the status. */
  readonly reason: string | null;
  /** As received: order, case and repeats kept, one character a byte. */
  readonly headers: HeaderList;
}

/** One call of a backend, for whoever takes the answer in. */
export interface BackendCall {
  /** False while nothing of the request can have reached the backend. */
  readonly sent: boolean;
  /** Ends the call without a further event. Its connection is closed, where it had one. */
  abort(): void;
  /** Goes on after `data` returned false. */
  resume(): void;
}

/**
 * Takes in an answer: `head`, then `data` any number of times, then `end`; or `failed` at any
 * point, as the last event.
 */
export interface BackendSink {
  head(head: BackendHead): void;
  /** Return false to hold the body back until {@link BackendCall.resume}. */
  data(chunk: Buffer): boolean;
  /** @param trailers fields behind the body (RFC 9110 §6.5), or null */
  end(trailers: HeaderList | null): void;
  failed(failure: BackendFailure): void;
}

/** Why there is no answer. */
export interface BackendFailure {
  /**
   * `unreachable`: no connection, or no usable response on it. `refused`: the HTTP client would not
   * send the request. `closed`: this service is stopping.
   */
  readonly kind: 'unreachable' | 'refused' | 'closed';
  /** False when nothing of the request can have reached the backend. */
  readonly sent: boolean;
  readonly cause: unknown;
}

/** A backend: where requests of a topic go. */
export interface Backend {
  /** Starts a call. Its events come later, never before this returns. */
  send(request: BackendRequest, sink: BackendSink): BackendCall;
}
