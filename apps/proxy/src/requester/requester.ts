import type { KafkaRecord, KafkaSendError, OutgoingRecord, RecordProducer, WrittenAt } from '@kafka-http-proxy/kafka';
import {
  BridgeError,
  createCorrelationIds,
  encodeContinuationV2,
  isErrorCode,
  proxyConfig,
  type ReplyAddress,
  type ReplyEnvelope,
} from '@kafka-http-proxy/protocol';
import { type DeadlineClock, systemClock } from '@kafka-http-proxy/streams';
import { createPendingRequests } from '../exchange/pending.js';
import { createReplySink } from '../exchange/replies.js';
import { createSettlement } from '../exchange/settlement.js';
import { budgetOf, createStreams } from '../streams/streams.js';
import type { ReplySource, Waiter } from '../waiter.js';
import { type Fate, failed, type Heard, unacknowledged } from './fate.js';

/** A request whose record is made by whoever sends it. */
export interface Requested {
  /** Makes the record of a request of this id, which nobody waits for after its deadline (ms since the epoch). */
  record(correlationId: string, deadlineMs: number): OutgoingRecord;
  readonly requestTopic: string;
  readonly timeoutMs: number;
}

/** Sends requests as records and hears of what becomes of them, with what the proxy does the same by. */
export interface Requester {
  /** Sends a request and waits for the end of its answer, for its time at most. Never rejects. */
  request(requested: Requested): Promise<Fate>;
  /** Sends a request and waits until Kafka has it. Never rejects. */
  send(requested: Requested): Promise<Fate>;
  /** Takes each record of the response topics that are read for it. */
  readonly onRecord: (record: KafkaRecord) => void;
  /** Requests that wait. */
  readonly waiting: number;
  /** Ends its timers, when nobody waits any more. */
  close(): void;
}

/** What a requester is made of. */
export interface RequesterOptions {
  readonly producer: Pick<RecordProducer, 'send'>;
  /** Where processors read what is said of answers that stream: the `control_topic` of both tiers. */
  readonly controlTopic: string;
  /** Largest record, bytes of value and headers. */
  readonly maxRecordBytes: number;
  /** The system's when left out; a test's own. */
  readonly clock?: DeadlineClock;
}

/**
 * Makes a requester: the proxy's pending requests, settlement and streams, without its HTTP side and without its link.
 * Answers that stream are read to their end and dropped, so that the backend can finish; what goes on when the time of
 * the request is over is cancelled. The answer counts as given by then: its status is known.
 *
 * @example
 * const requester = createRequester({ producer, controlTopic: 'khp-control', maxRecordBytes: 1_000_000 });
 * const reader = await createInboxReader({ settings, producer, choosePartitions, onRecord: requester.onRecord });
 * const address = await reader.open('orders-responses', { silently: true });
 * const fate = await requester.request({ requestTopic: 'orders-requests', timeoutMs: 30_000, record });
 */
export function createRequester(options: RequesterOptions): Requester {
  const { producer, controlTopic, maxRecordBytes, clock = systemClock } = options;
  const config = proxyConfig.parse({ control_topic: controlTopic, kafka: { max_record_bytes: maxRecordBytes } });
  const ids = createCorrelationIds();
  const pending = createPendingRequests(clock);
  const budget = budgetOf(config);
  const { conversations, watch } = createStreams({
    config,
    budget,
    inboxes: {
      // Where it can't be written to, an answer that streams ends early; it was given all the same.
      trouble: () => null,
      send(to: ReplyAddress, part, _compression, settled) {
        const { value, headers } = encodeContinuationV2(part);
        producer.send({ topic: to.topic, partition: to.partition, key: null, value, headers }, settled);
      },
      broadcast: () => undefined,
    },
    events: { opened: ignore, moved: ignore, claimRefused: ignore },
    clock,
  });
  const settlement = createSettlement({
    ids,
    pending,
    conversations,
    enter: budget.enter,
    whyNoStreams: () => null,
    events: { late: ignore, foreign: ignore, malformedReply: ignore },
  });
  const onRecord = createReplySink({
    settlement,
    whereabouts: { answered: ignore },
    malformed: ignore,
    maxRecordBytes,
  });

  const write = (record: OutgoingRecord): Promise<WrittenAt | Fate> =>
    new Promise((resolve) => {
      producer.send(record, (error: KafkaSendError | null, at?: WrittenAt) =>
        resolve(error !== null ? unacknowledged(error) : (at as WrittenAt)),
      );
    });

  return {
    async request({ requestTopic, timeoutMs, record }) {
      const id = ids.next();
      const deadlineMs = clock.now() + timeoutMs;
      const heard = new Promise<Heard>((resolve) => {
        const waiter = hearing(resolve, deadlineMs, clock);
        pending.add(id, requestTopic, waiter, timeoutMs, () => pending.take(id)?.fail(late(timeoutMs), id));
      });
      const written = await write(record(id, deadlineMs));
      if ('kind' in written) {
        pending.take(id);
        return written;
      }
      return { ...(await heard), at: written };
    },
    async send({ timeoutMs, record }) {
      const written = await write(record(ids.next(), clock.now() + timeoutMs));
      return 'kind' in written ? written : { kind: 'sent', at: written };
    },
    onRecord,
    get waiting() {
      return pending.size;
    },
    close() {
      conversations.abortAll(new BridgeError('shutting_down', 'Nobody waits any longer.'));
      watch.close();
    },
  };
}

/** One who waits for a reply, and wants nothing of it but how it ends. */
function hearing(heard: (of: Heard) => void, deadlineMs: number, clock: DeadlineClock): Waiter {
  return {
    reply: (reply) => heard(said(reply)),
    stream(head, source) {
      const end = once(source, heard);
      // Its status was the answer: what goes on for longer than anybody would have waited is not.
      const stop = clock.after(Math.max(0, deadlineMs - clock.now()), () => {
        source.cancel();
        end(said(head));
      });
      const ended = (how: Heard) => {
        stop();
        end(how);
      };
      return {
        data: (chunk) => source.consumed(chunk.length),
        end: () => ended(said(head)),
        failed: (why) => ended(brokenOff(head.status, why)),
      };
    },
    fail: (error) => heard(failed(error)),
  };
}

/** Lets a stream go with its first end. */
function once(source: ReplySource, heard: (of: Heard) => void): (how: Heard) => void {
  let over = false;
  return (how) => {
    if (over) return;
    over = true;
    source.release();
    heard(how);
  };
}

function said({ status, error }: ReplyEnvelope): Heard {
  if (error === null) return { kind: 'answered', status };
  return { kind: 'failed', code: error, detail: 'The processor says so.', status };
}

function brokenOff(status: number, why: string): Heard {
  const code = isErrorCode(why) ? why : 'processing_failed';
  return { kind: 'failed', code, detail: `The answer broke off behind its head: ${why}.`, status };
}

function late(timeoutMs: number): BridgeError {
  return new BridgeError('timeout', `No reply arrived in ${timeoutMs / 1000} s.`);
}

const ignore = (): void => undefined;
