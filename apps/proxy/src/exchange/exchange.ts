import {
  BridgeError,
  type ContinuationEnvelope,
  type CorrelationIds,
  type EnvelopeFault,
  encodeRequest,
  type HeaderList,
  LONGEST_ID,
  type ReplyAddress,
  type ReplyEnvelope,
  type RequestEnvelope,
  type TraceContext,
  wireSize,
} from '@kafka-http-proxy/protocol';
import type { Destination } from '../destination.js';
import type { Conversation } from '../streams/conversation.js';
import type { Conversations } from '../streams/conversations.js';
import type { Waiter } from '../waiter.js';
import type { PendingRequests } from './pending.js';
import type { Publish } from './publisher.js';
import { createSettlement } from './settlement.js';
import type { Whereabouts } from './whereabouts.js';

/** What of a request is known before its body. */
export interface OutboundHead {
  readonly method: string;
  readonly target: string;
  readonly headers: HeaderList;
  readonly client: string | null;
  readonly trace: TraceContext | null;
}

/** A request, ready to be sent: whole, or as much of it as its record holds. */
export interface OutboundRequest extends OutboundHead {
  readonly body: Buffer | null;
  /** Fields behind a whole body; null when there are none. */
  readonly trailers: HeaderList | null;
  /** Told once when Kafka has the record, or never will. */
  readonly published?: (() => void) | undefined;
}

/** One request and the wait for its reply. */
export interface RunningExchange {
  readonly correlationId: string;
  /** The client is gone: nobody waits any longer, a late reply is dropped, and the processor is told. */
  abandon(): void;
}

/** A request whose body goes on. */
export interface RunningUpload extends RunningExchange {
  /** Takes more of the body. False: hold back until `drained`. */
  write(chunk: Buffer): boolean;
  end(trailers: HeaderList | null): void;
}

/** What an exchange tells of itself, for metrics. */
export interface ExchangeEvents {
  /** A reply arrived, or its first record, `elapsedMs` after its request was handed to Kafka. */
  replied(to: Destination, reply: ReplyEnvelope, elapsedMs: number): void;
  timedOut(topic: string): void;
  /** A reply of this instance that nobody waits for. */
  late(): void;
  /** A reply for another instance that shares the partition. */
  foreign(): void;
  /** A record that is no part of any reply. */
  malformedReply(fault: EnvelopeFault): void;
}

export interface Exchange {
  /**
   * Publishes a request and answers `waiter` once: with the reply, or with the error that stands
   * for it. Never throws.
   */
  start(request: OutboundRequest, to: Destination, address: ReplyAddress, waiter: Waiter): RunningExchange;
  /**
   * {@link start} for a request whose body goes on behind its record, as far as the processor takes it.
   *
   * @throws {BridgeError} `overloaded` when there are too many streams
   */
  startUpload(
    request: OutboundRequest,
    to: Destination,
    address: ReplyAddress,
    waiter: Waiter,
    drained: () => void,
  ): RunningUpload;
  /** Most bytes of body that fit into one record behind this head; a few less than that, at times. */
  room(head: OutboundHead, to: Destination): number;
  /** Settles whoever waits for this reply. */
  settle(reply: ReplyEnvelope): void;
  /** Takes a later record of a processor's. */
  take(part: ContinuationEnvelope): void;
  /** Fails all that wait, and cuts replies that have begun. */
  failAll(error: BridgeError): void;
  readonly pending: number;
}

export interface ExchangeDeps {
  readonly ids: CorrelationIds;
  readonly pending: PendingRequests;
  readonly conversations: Conversations;
  readonly publish: Publish;
  readonly events: ExchangeEvents;
  readonly version: 1 | 2;
  /** The topic of the processors' inboxes: a request whose body goes on names it. */
  readonly controlTopic: string;
  /** Largest record, bytes of value and headers. */
  readonly maxRecordBytes: number;
  /** Null when replies can stream; else why they can't. */
  readonly noStreams: () => string | null;
  /** Takes a place for one more stream of a request topic; false when there is none. */
  readonly enter: (topic: string) => boolean;
  /** Tells what became of a request of a topic that timed out: a sentence, or null; called back once. */
  readonly explain: Whereabouts['explain'];
  /** ms since the epoch. */
  readonly now: () => number;
}

export function createExchange(deps: ExchangeDeps): Exchange {
  const { ids, pending, conversations, publish, events, version, controlTopic, maxRecordBytes, enter, explain, now } =
    deps;

  const run = (
    correlationId: string,
    request: OutboundRequest,
    { to, address, waiter, upload }: { to: Destination; address: ReplyAddress; waiter: Waiter; upload?: Conversation },
  ): void => {
    const startedMs = now();
    const deadlineMs = startedMs + to.timeoutMs;
    const more = upload !== undefined;
    const control = more ? { control: controlTopic } : {};
    const envelope = envelopeOf(request, { version, correlationId, deadlineMs, address, more, ...control });
    const timed: Waiter = {
      reply(reply) {
        // It is whole and there: what is left of the upload is not wanted.
        upload?.close();
        events.replied(to, reply, now() - startedMs);
        waiter.reply(reply);
      },
      stream(head, source) {
        events.replied(to, head, now() - startedMs);
        return waiter.stream(head, source);
      },
      fail(error) {
        upload?.close();
        waiter.fail(error, correlationId);
      },
    };
    pending.add(correlationId, to.requestTopic, timed, to.timeoutMs, () => {
      const expire = (error: BridgeError) => {
        const expired = pending.take(correlationId);
        if (expired === undefined) return;
        if (error.code === 'timeout') events.timedOut(to.requestTopic);
        upload?.cancel();
        expired.fail(error, correlationId);
      };
      if (upload?.waitsForClient) expire(unfinished());
      // It stays registered while the processors are asked: a reply that comes meanwhile is the better answer.
      else explain(to.requestTopic, address, (cause) => expire(late(to.timeoutMs, cause)));
    });
    publish(envelope, to, (error) => {
      request.published?.();
      if (error) pending.take(correlationId)?.fail(error, correlationId);
    });
  };
  const abandon = (correlationId: string) => {
    const conversation = conversations.of(correlationId);
    const waited = pending.take(correlationId) !== undefined;
    if (conversation !== undefined) conversation.cancel();
    else if (waited && version === 2) conversations.recall(correlationId);
  };

  return {
    start(request, to, address, waiter) {
      const correlationId = ids.next();
      run(correlationId, request, { to, address, waiter });
      return { correlationId, abandon: () => abandon(correlationId) };
    },
    startUpload(request, to, address, waiter, drained) {
      if (!enter(to.requestTopic)) throw new BridgeError('overloaded', 'Too many streams are open already.');
      const correlationId = ids.next();
      const upload = conversations.open(
        correlationId,
        to.requestTopic,
        {
          progressed: () => pending.extend(correlationId),
          failed: (error) => pending.take(correlationId)?.fail(error, correlationId),
        },
        to.compression,
      );
      const sender = upload.openUpload(request.body?.length ?? 0, drained);
      run(correlationId, request, { to, address, waiter, upload });
      return {
        correlationId,
        abandon: () => abandon(correlationId),
        write: (chunk) => sender.write(chunk),
        end: (trailers) => sender.end(trailers),
      };
    },
    room(head, to) {
      const address = { topic: to.responseTopic, partition: 0x7fffffff };
      const more = { more: true, control: controlTopic } as const;
      const about = { version: 2, correlationId: LONGEST_ID, deadlineMs: now(), address, ...more } as const;
      const envelope = envelopeOf({ ...head, body: null, trailers: null }, about);
      return Math.max(0, maxRecordBytes - wireSize(encodeRequest(envelope)));
    },
    ...createSettlement(deps),
    failAll(error) {
      // First: the processors of uploads are told too.
      conversations.abortAll(error);
      for (const [id, waiter] of pending.takeAll()) waiter.fail(error, id);
    },
    get pending() {
      return pending.size;
    },
  };
}

function late(timeoutMs: number, cause: string | null): BridgeError {
  return new BridgeError('timeout', `No reply arrived in ${timeoutMs / 1000} s.${cause === null ? '' : ` ${cause}`}`);
}

function unfinished(): BridgeError {
  return new BridgeError('request_timeout', 'The client did not send the rest of the request body in time.');
}

function envelopeOf(
  { method, target, headers, client, trace, body, trailers }: OutboundRequest,
  about: Pick<RequestEnvelope, 'version' | 'correlationId' | 'deadlineMs' | 'more' | 'control'> & {
    address: ReplyAddress;
  },
): RequestEnvelope {
  const { version, correlationId, deadlineMs, address, more, control } = about;
  return {
    version,
    correlationId,
    method,
    target,
    headers,
    client,
    deadlineMs,
    reply: address,
    trace,
    body,
    trailers,
    more,
    ...(control !== undefined && { control }),
  };
}
