import type { IncomingMessage } from 'node:http';
import type { BridgeError } from '@kafka-http-proxy/protocol';
import type { Answer } from '../egress/answer.js';
import type { CutReason } from '../egress/egress-stream.js';
import type { TracedRequest } from '../exchange/exchange-spans.js';

/** How a request ended, for metrics and the log. */
export interface Ending {
  readonly method: string;
  /** Undefined when the request was refused before its destination was known. */
  readonly topic: string | undefined;
  readonly status: number;
  readonly elapsedMs: number;
  readonly error: BridgeError | undefined;
  readonly correlationId: string | undefined;
  /** Why the response was broken off in its middle; undefined when it was not. */
  readonly cut: CutReason | undefined;
  /** Null where tracing is off, or its head was not read. */
  readonly traced: TracedRequest | null;
}

/** A request whose response has closed, for the access log. */
export interface ClosedRequest {
  readonly request: IncomingMessage;
  readonly method: string;
  readonly topic: string | undefined;
  /** Whom the door recognised; null where nobody was asked, or let in. */
  readonly principal: string | null;
  /** Undefined where it had no exchange. */
  readonly correlationId: string | undefined;
  readonly answer: Pick<Answer, 'bytes' | 'code' | 'queueMs' | 'backendMs' | 'sentStatus'>;
  /** Since the request's head was there, ms. */
  elapsedMs(): number;
  /** Null where tracing is off, or its head was not read. */
  readonly traced: TracedRequest | null;
}
