import type { HeaderList } from '@kafka-http-proxy/protocol';
import type { BackendFailure, BackendHead, BackendSink } from '../backend/backend.js';

/** How one attempt at the backend ended, or that its answer has begun to stream. */
export type Attempt =
  | {
      readonly kind: 'answer';
      readonly head: BackendHead;
      readonly body: Buffer | null;
      readonly trailers: HeaderList | null;
    }
  | { readonly kind: 'stream'; readonly head: BackendHead; readonly body: LiveBody }
  | { readonly kind: 'failure'; readonly failure: BackendFailure }
  /** `starved`: it was the client that did not send the rest of its body. */
  | { readonly kind: 'timeout'; readonly sent: boolean; readonly starved: boolean }
  /** There is no memory to gather it in, and it can't go out in parts. */
  | { readonly kind: 'no_room' }
  /** `ofHead`: the head alone is longer than any proxy takes. */
  | { readonly kind: 'too_large'; readonly ofHead?: true }
  /** Nobody wants it any more. `sent`: something of it may be at the backend. */
  | { readonly kind: 'cancelled'; readonly sent: boolean };

/** The body of an answer that goes on. What has come is kept until somebody reads it. */
export interface LiveBody {
  /** Hands over what came and what comes; once. `data` returning false holds the backend back. */
  read(sink: LiveSink): void;
  resume(): void;
  /** Ends the call; nothing more is handed over. */
  abort(): void;
}

/** Takes in a {@link LiveBody}. */
export type LiveSink = Pick<BackendSink, 'data' | 'end' | 'failed'>;

/** When an answer that could be whole goes out in parts; null where the asker can't take parts. */
export interface StreamPolicy {
  /** How long an answer of no announced length may take to be whole, ms. */
  readonly flushMs: number;
  /** Statuses that are held until they are whole, since they may lead to another attempt. */
  readonly hold: ReadonlySet<number>;
}
