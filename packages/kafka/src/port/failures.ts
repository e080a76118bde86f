/**
 * Why a record was not written.
 *
 * `queue_full`: the client's queue is full. `too_large`: over the client's or the broker's limit.
 * `unknown_topic`: no such topic or partition. `not_authorized`: an ACL forbids it. `no_key`: the topic is
 * compacted, and the record has no key. `timed_out`: not acknowledged in message.timeout.ms. `unavailable`: any other failure.
 */
export type SendFailure =
  | 'queue_full'
  | 'too_large'
  | 'unknown_topic'
  | 'not_authorized'
  | 'no_key'
  | 'timed_out'
  | 'unavailable';

/** @see SendFailure */
export class KafkaSendError extends Error {
  override readonly name = 'KafkaSendError';

  constructor(
    readonly failure: SendFailure,
    message: string,
    readonly code: number,
  ) {
    super(message);
  }
}

/** A call to Kafka that failed: the client's message, its code, and what was being done. */
export class KafkaClientFault extends Error {
  override readonly name = 'KafkaClientFault';

  constructor(
    message: string,
    readonly code: number,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
