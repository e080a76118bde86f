import { BridgeError, type CorrelationIds, type HeaderList, type ReplyAddress } from '@kafka-http-proxy/protocol';
import type { Clock } from '@kafka-http-proxy/streams';
import type { Destination } from '../destination.js';
import type { Conversation } from '../streams/conversation.js';
import type { Conversations } from '../streams/conversations.js';
import type { Waiter } from '../waiter.js';
import { beginRequest, endRequest, onwardContext, sampledOf } from './exchange-spans.js';
import { envelopeOf, mostHeadBytes, type OutboundHead, type OutboundRequest } from './outbound.js';
import type { Overload } from './overload.js';
import type { PendingRequests } from './pending.js';
import type { Publish } from './publisher.js';
import { type ExchangeEvents, type RunningExchange, WaitingRequest, type WaitingRoute } from './waiting-request.js';
import type { Whereabouts } from './whereabouts.js';

/** A request whose body goes on. */
export interface RunningUpload extends RunningExchange {
  /** Takes more of the body. False: hold back until `drained`. */
  write(chunk: Buffer): boolean;
  end(trailers: HeaderList | null): void;
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
  /** Whether replies are to say where the time went. Asked for each. */
  readonly timing: boolean;
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
  const { ids, pending, conversations, publish, version, controlTopic, maxRecordBytes, enter, clock } = deps;
  const waitingDeps = { ...deps, recalls: version === 2 };

  const run = (
    request: OutboundRequest,
    correlationId: string,
    route: WaitingRoute,
    upload: Conversation | null,
  ): WaitingRequest => {
    const { to, address } = route;
    const startedMs = clock.now();
    const sampled = sampledOf(request.traced);
    const send = sampled === null ? null : beginRequest(sampled, to.requestTopic);
    const waiting = new WaitingRequest(correlationId, route, startedMs, upload, sampled, waitingDeps);
    const envelope = envelopeOf(request, {
      version,
      correlationId,
      deadlineMs: startedMs + to.timeoutMs,
      address,
      control: upload === null ? null : controlTopic,
      timing: deps.timing,
      trace: onwardContext(request.traced, request.head.trace, send),
    });
    pending.add(correlationId, to.requestTopic, waiting, to.timeoutMs, () => waiting.late());
    publish(envelope, to, (error, at) => {
      request.published?.();
      if (sampled !== null && send !== null) {
        endRequest(sampled, send, envelope, to.requestTopic, error, at ?? null);
      }
      if (error) pending.take(correlationId)?.fail(error, correlationId);
    });
    return waiting;
  };

  return {
    start(request, to, address, waiter) {
      return run(request, ids.next(), { to, address, waiter }, null);
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
      const waiting = run(request, correlationId, { to, address, waiter }, upload);
      return {
        correlationId,
        abandon: () => waiting.abandon(),
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
