import {
  BridgeError,
  type CorrelationIds,
  type HeaderList,
  type ReplyAddress,
  type ReplyEnvelope,
} from '@kafka-http-proxy/protocol';
import type { Clock } from '@kafka-http-proxy/streams';
import type { Destination } from '../destination.js';
import type { Conversation } from '../streams/conversation.js';
import type { Conversations } from '../streams/conversations.js';
import type { Waiter } from '../waiter.js';
import { announceReply } from './diagnostics.js';
import { envelopeOf, mostHeadBytes, type OutboundHead, type OutboundRequest } from './outbound.js';
import type { Overload } from './overload.js';
import type { PendingRequests } from './pending.js';
import type { Publish } from './publisher.js';
import type { Whereabouts } from './whereabouts.js';

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

/** What an exchange reports, for metrics. */
export interface ExchangeEvents {
  /** A reply arrived, or its first record, `elapsedMs` after its request was handed to Kafka. */
  replied(topic: string, elapsedMs: number): void;
  timedOut(topic: string): void;
}

/** The way out: requests to Kafka. What comes back is the {@link Settlement}'s. */
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
  /** Fails all that wait, and cuts replies that have begun. */
  failAll(error: BridgeError): void;
}

/** What an exchange is made of. */
export interface ExchangeDeps {
  readonly ids: CorrelationIds;
  readonly pending: PendingRequests;
  readonly conversations: Conversations;
  readonly publish: Publish;
  readonly overload: Pick<Overload, 'replied'>;
  readonly whereabouts: Pick<Whereabouts, 'explain' | 'replied'>;
  readonly events: ExchangeEvents;
  readonly version: 1 | 2;
  /** The topic of the processors' inboxes: a request whose body goes on names it. */
  readonly controlTopic: string;
  /** Largest record, bytes of value and headers. */
  readonly maxRecordBytes: number;
  /** Takes a place for one more stream of a request topic; false when there is none. */
  readonly enter: (topic: string) => boolean;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * @example
 * const exchange = createExchange({ ...deps, publish });
 * const running = exchange.start(request, destination, address, waiter);
 * response.once('close', () => running.abandon());
 */
export function createExchange(deps: ExchangeDeps): Exchange {
  const { ids, pending, conversations, publish, overload, whereabouts, events } = deps;
  const { version, controlTopic, maxRecordBytes, enter, clock } = deps;

  const replied = (reply: ReplyEnvelope, to: Destination, startedMs: number) => {
    const { requestTopic: topic } = to;
    const elapsedMs = clock.now() - startedMs;
    events.replied(topic, elapsedMs);
    whereabouts.replied(topic);
    overload.replied(to, reply, elapsedMs);
    announceReply(reply.correlationId, topic, elapsedMs);
  };
  const run = (
    correlationId: string,
    request: OutboundRequest,
    { to, address, waiter, upload }: { to: Destination; address: ReplyAddress; waiter: Waiter; upload?: Conversation },
  ): void => {
    const { requestTopic: topic } = to;
    const startedMs = clock.now();
    const deadlineMs = startedMs + to.timeoutMs;
    const more = upload !== undefined;
    const control = more ? { control: controlTopic } : {};
    const envelope = envelopeOf(request, { version, correlationId, deadlineMs, address, more, ...control });
    const timed: Waiter = {
      reply(reply) {
        // It is whole and there: what is left of the upload is not wanted.
        upload?.close();
        replied(reply, to, startedMs);
        waiter.reply(reply);
      },
      stream(head, source) {
        replied(head, to, startedMs);
        return waiter.stream(head, source);
      },
      fail(error) {
        upload?.close();
        waiter.fail(error, correlationId);
      },
    };
    pending.add(correlationId, topic, timed, to.timeoutMs, () => {
      const expire = (error: BridgeError) => {
        const expired = pending.take(correlationId);
        if (expired === undefined) return;
        if (error.code === 'timeout') events.timedOut(topic);
        upload?.cancel();
        expired.fail(error, correlationId);
      };
      if (upload?.waitsForClient) expire(unfinished());
      // It stays registered while the processors are asked: a reply that comes meanwhile is the better answer.
      else whereabouts.explain(topic, address, (cause) => expire(late(to.timeoutMs, cause)));
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
      const body = upload.openUpload(request.body?.length ?? 0, drained);
      run(correlationId, request, { to, address, waiter, upload });
      return {
        correlationId,
        abandon: () => abandon(correlationId),
        write: (chunk) => body.write(chunk),
        end: (trailers) => body.end(trailers),
      };
    },
    room(head, { responseTopic }) {
      const headBytes = mostHeadBytes(head, { responseTopic, control: controlTopic, deadlineMs: clock.now() });
      return Math.max(0, maxRecordBytes - headBytes);
    },
    failAll(error) {
      // First: the processors of uploads are told too.
      conversations.abortAll(error);
      for (const [id, waiter] of pending.takeAll()) waiter.fail(error, id);
    },
  };
}

function late(timeoutMs: number, cause: string | null): BridgeError {
  return new BridgeError('timeout', `No reply arrived in ${timeoutMs / 1000} s.${cause === null ? '' : ` ${cause}`}`);
}

function unfinished(): BridgeError {
  return new BridgeError('request_timeout', 'The client did not send the rest of the request body in time.');
}
