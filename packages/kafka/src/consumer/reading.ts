import { CODE, errorCode } from '../client/errors.js';
import type { RdConsumer, RdError, RdMessage } from '../client/librdkafka.js';

/** The reading of one consumer. */
export interface Reading {
  /** Its queue is not empty any more: to be called by the client's `queue_non_empty_cb`. */
  wake(): void;
  /** Reads nothing more; resolves when the client holds no record for us. May be called again. */
  stop(): Promise<void>;
}

/** Whom a reading calls. */
export interface ReadingEvents {
  readonly onMessage: (message: RdMessage) => void;
  /** An error of one topic: reading goes on. */
  readonly onWarning: (error: RdError) => void;
  /** Nothing more is read: the consumer has to be made anew. */
  readonly onFailed: (error: RdError) => void;
}

/** Records that one poll takes: what is held here, whatever the client has fetched. */
export const AT_ONCE = 64;

/** A poll without being woken, ms: it shows librdkafka that we are there (`max.poll.interval.ms`). */
const PULSE_MS = 500;

/** Errors of a topic, not of the consumer. */
const WARNINGS: ReadonlySet<number> = new Set([CODE.topicNotAuthorized, CODE.unknownTopicOrPartition]);

/**
 * Reads what a consumer has fetched, {@link AT_ONCE} records at a time, and asks for more only when those were handled.
 *
 * The package's flowing loop reads on a thread of its own without end: while the event loop is busy its list grows by
 * whatever Kafka has. Here what was not asked for stays in librdkafka's queue, which `queued.max.messages.kbytes` and
 * `queued.min.messages` bound. A poll never waits, so that it takes a thread of libuv's pool for microseconds only, and
 * any number of consumers can share those; librdkafka tells when there is something to poll for.
 *
 * @example
 * let reading: Reading | undefined;
 * const client = new librdkafka.KafkaConsumer({ ...config, queue_non_empty_cb: () => reading?.wake() });
 * // connected
 * reading = createReading(client, { onMessage, onWarning, onFailed });
 */
export function createReading(client: RdConsumer, { onMessage, onWarning, onFailed }: ReadingEvents): Reading {
  let polling = false;
  let woken = false;
  let over = false;
  let stopped: (() => void) | undefined;
  client.setDefaultConsumeTimeout(0);

  const end = (): void => {
    over = true;
    clearInterval(pulse);
  };
  const failed = (error: RdError): void => {
    // What is behind it in the queue is not told of again.
    woken = true;
    if (WARNINGS.has(errorCode(error))) {
      onWarning(error);
      return;
    }
    end();
    onFailed(error);
  };
  const polled = (error: RdError | null | undefined, messages: RdMessage[]): void => {
    if (!over) {
      if (error) failed(error);
      // An error behind records is dropped by the package and ends the poll early: the pulse reads on then.
      else {
        woken ||= messages.length === AT_ONCE;
        for (const message of messages) onMessage(message);
      }
    }
    polling = false;
    if (over) stopped?.();
    else if (woken) poll();
  };
  const poll = (): void => {
    if (!client.isConnected()) return;
    woken = false;
    polling = true;
    client.consume(AT_ONCE, polled);
  };
  const wake = (): void => {
    if (over) return;
    if (polling) woken = true;
    else poll();
  };
  const pulse = setInterval(wake, PULSE_MS);
  wake();

  return {
    wake,
    stop() {
      end();
      if (!polling) return Promise.resolve();
      return new Promise((resolve) => {
        stopped = resolve;
      });
    },
  };
}
