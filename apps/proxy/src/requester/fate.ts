import type { KafkaSendError, SendFailure, WrittenAt } from '@kafka-http-proxy/kafka';
import type { BridgeError, ErrorCode } from '@kafka-http-proxy/protocol';

/** What became of a request. */
export type Fate =
  /** The backend has answered with this status, and its body came to an end, or was let go. */
  | { readonly kind: 'answered'; readonly status: number; readonly at: WrittenAt }
  /** Kafka has it, and it failed: said by a processor, or by nobody in time (`timeout`). */
  | {
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly detail: string;
      /** Of an answer whose body broke off. */
      readonly status?: number;
      readonly at: WrittenAt;
    }
  /** Kafka has it, and nobody waited for what becomes of it. */
  | { readonly kind: 'sent'; readonly at: WrittenAt }
  /** Kafka does not have it. */
  | { readonly kind: 'unsent'; readonly failure: SendFailure; readonly detail: string }
  /** Kafka did not say whether it has it. */
  | { readonly kind: 'doubtful'; readonly failure: SendFailure; readonly detail: string };

/** What was heard of a request, apart from where it is. */
export type Heard =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly detail: string; readonly status?: number };

/** What these leave open: librdkafka gave up on a record that it may have handed over. */
const OPEN: ReadonlySet<SendFailure> = new Set(['timed_out', 'unavailable']);

/** The fate of a record that was not acknowledged. */
export function unacknowledged({ failure, message: detail }: KafkaSendError): Fate {
  return { kind: OPEN.has(failure) ? 'doubtful' : 'unsent', failure, detail };
}

/** What an error of the bridge says. */
export function failed({ code, message: detail }: BridgeError): Heard {
  return { kind: 'failed', code, detail };
}
