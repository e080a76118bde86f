import type { KafkaSendError, OutgoingRecord, RecordProducer, SendFailure, WrittenAt } from '@kafka-http-proxy/kafka';
import type { Clock } from '@kafka-http-proxy/streams';
import { type Cancellation, pause } from '../retry/cancellation.js';
import { backoff } from '../retry/retry-policy.js';

/** Which failures pass by themselves. */
const PASSING: Readonly<Record<SendFailure, boolean>> = {
  queue_full: true,
  timed_out: true,
  unavailable: true,
  too_large: false,
  unknown_topic: false,
  not_authorized: false,
  no_key: false,
};

/** How a delivery ended: acknowledged; given up, with the last error; or cut short by a revoke. */
export type Delivery = 'acknowledged' | 'abandoned' | KafkaSendError;

/** What a record is written with. */
export interface DeliveryTools {
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly clock: Clock;
}

/** True for errors that may be over at the next try. */
export function isPassing(error: KafkaSendError): boolean {
  return PASSING[error.failure];
}

/**
 * Writes a record, again and again with backoff while `persist` says so. Never rejects.
 *
 * @param persist true when it should go on after this error
 * @param written hears where Kafka put it
 */
export function deliver(
  record: OutgoingRecord,
  { producer, clock }: DeliveryTools,
  cancellation: Cancellation,
  persist: (error: KafkaSendError) => boolean,
  written?: (at: WrittenAt | undefined) => void,
): Promise<Delivery> {
  // One promise for all tries: nearly all records need one try.
  return new Promise((resolve) => {
    let tries = 0;
    const send = () => {
      tries++;
      producer.send(record, settled);
    };
    const settled = (error: KafkaSendError | null, at?: WrittenAt) => {
      if (error === null) {
        written?.(at);
        resolve('acknowledged');
      } else if (!persist(error)) resolve(error);
      else void again();
    };
    const again = async () => {
      if ((await pause(backoff(tries) + MIN_PAUSE_MS, clock, cancellation)) === 'over') send();
      else resolve('abandoned');
    };
    send();
  });
}

/** Full jitter can come out at nothing; a full queue needs some time. */
const MIN_PAUSE_MS = 20;
