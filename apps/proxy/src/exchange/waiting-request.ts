import { BridgeError, type ReplyAddress, type ReplyEnvelope } from '@kafka-http-proxy/protocol';
import type { Clock, SequenceSink } from '@kafka-http-proxy/streams';
import type { Span } from '@kafka-http-proxy/tracing';
import type { Destination } from '../destination.js';
import type { Conversation } from '../streams/conversation.js';
import type { Conversations } from '../streams/conversations.js';
import type { ReplySource, Waiter } from '../waiter.js';
import { announceReply } from './diagnostics.js';
import { beginReply, endReply, type Sampled } from './exchange-spans.js';
import type { Overload } from './overload.js';
import type { PendingRequests } from './pending.js';
import type { Whereabouts } from './whereabouts.js';

/** One request and the wait for its reply. */
export interface RunningExchange {
  readonly correlationId: string;
  /** The client is gone: nobody waits any longer, a late reply is dropped, and the processor is told. */
  abandon(): void;
}

/** What an exchange reports, for metrics. */
export interface ExchangeEvents {
  /** A reply arrived, or its first record, `elapsedMs` after its request was handed to Kafka. @param traceId where it is sampled */
  replied(topic: string, elapsedMs: number, traceId?: string): void;
  timedOut(topic: string): void;
}

/** Who waits, for what, and where it comes in. */
export interface WaitingRoute {
  readonly to: Destination;
  readonly address: ReplyAddress;
  readonly waiter: Waiter;
}

/** What is the same for all that wait. */
export interface WaitingDeps {
  readonly pending: Pick<PendingRequests, 'take'>;
  readonly conversations: Pick<Conversations, 'of' | 'recall'>;
  readonly overload: Pick<Overload, 'replied'>;
  readonly whereabouts: Pick<Whereabouts, 'explain' | 'replied'>;
  readonly events: ExchangeEvents;
  /** Processors take word that a request is not wanted any more. */
  readonly recalls: boolean;
  readonly clock: Pick<Clock, 'now'>;
}

/** One published request, from its record to its reply: stands between the pending requests and the waiter. */
export class WaitingRequest implements Waiter, RunningExchange {
  constructor(
    readonly correlationId: string,
    private readonly route: WaitingRoute,
    private readonly startedMs: number,
    /** Its body that goes on; null where that is whole. */
    private readonly upload: Conversation | null,
    /** Null: no spans are made of it. */
    private readonly sampled: Sampled | null,
    private readonly deps: WaitingDeps,
  ) {}

  reply(reply: ReplyEnvelope): void {
    // It is whole and there: what is left of the upload is not wanted.
    this.upload?.close();
    const { sampled } = this;
    const span = sampled === null ? null : beginReply(sampled, this.route.to.responseTopic);
    this.route.waiter.reply(reply, this.#replied(reply));
    if (sampled !== null && span !== null) this.#processed(sampled, span, reply);
  }

  stream(head: ReplyEnvelope, source: ReplySource): SequenceSink {
    const { sampled } = this;
    const span = sampled === null ? null : beginReply(sampled, this.route.to.responseTopic);
    const sink = this.route.waiter.stream(head, source, this.#replied(head));
    if (sampled === null || span === null) return sink;
    this.#processed(sampled, span, head);
    sampled.server.happened('first_record', sampled.tracing.now());
    return sink;
  }

  fail(error: BridgeError): void {
    this.upload?.close();
    this.route.waiter.fail(error, this.correlationId);
  }

  abandon(): void {
    const { correlationId, deps } = this;
    const conversation = deps.conversations.of(correlationId);
    const waited = deps.pending.take(correlationId) !== undefined;
    if (conversation !== undefined) conversation.cancel();
    else if (waited && deps.recalls) deps.conversations.recall(correlationId);
  }

  /** Its time is over. */
  late(): void {
    const { to, address } = this.route;
    if (this.upload?.waitsForClient) {
      this.#expire(new BridgeError('request_timeout', UNFINISHED));
      return;
    }
    // It stays registered while the processors are asked: a reply that comes meanwhile is the better answer.
    this.deps.whereabouts.explain(to.requestTopic, address, (cause) => {
      const why = cause === null ? '' : ` ${cause}`;
      this.#expire(new BridgeError('timeout', `No reply arrived in ${to.timeoutMs / 1000} s.${why}`));
    });
  }

  #expire(error: BridgeError): void {
    const expired = this.deps.pending.take(this.correlationId);
    if (expired === undefined) return;
    if (error.code === 'timeout') this.deps.events.timedOut(this.route.to.requestTopic);
    this.upload?.cancel();
    expired.fail(error, this.correlationId);
  }

  #processed(sampled: Sampled, span: Span, reply: ReplyEnvelope): void {
    endReply(sampled, span, reply, { topic: this.route.to.responseTopic, at: reply.at ?? null });
  }

  /** @returns how long it took, ms */
  #replied(reply: ReplyEnvelope): number {
    const { deps, route } = this;
    const { requestTopic: topic } = route.to;
    const elapsedMs = deps.clock.now() - this.startedMs;
    deps.events.replied(topic, elapsedMs, this.sampled?.trace.traceId);
    deps.whereabouts.replied(topic);
    deps.overload.replied(route.to, reply, elapsedMs);
    announceReply(reply.correlationId, topic, elapsedMs);
    return elapsedMs;
  }
}

const UNFINISHED = 'The client did not send the rest of the request body in time.';
