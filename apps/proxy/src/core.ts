import type { CorrelationIds, ProxyConfig } from '@kafka-http-proxy/protocol';
import type { DeadlineClock, MemoryBudget } from '@kafka-http-proxy/streams';
import { configuredRequestTopics } from './configured.js';
import { createUnreadReplies, type UnreadReplies } from './egress/unread-replies.js';
import { createExchange, type Exchange } from './exchange/exchange.js';
import { createOverload, type Overload } from './exchange/overload.js';
import type { PendingRequests } from './exchange/pending.js';
import type { Publish } from './exchange/publisher.js';
import { createReplySink, type ReplySink } from './exchange/replies.js';
import { createSettlement, type Settlement, type SettlementEvents } from './exchange/settlement.js';
import type { ExchangeEvents } from './exchange/waiting-request.js';
import { createWhereabouts, type Whereabouts, type WhereaboutsOptions } from './exchange/whereabouts.js';
import { createStreams, type Inboxes, type StreamEvents, type Streams } from './streams/streams.js';

/** What the core reports, for metrics. */
export type CoreEvents = ExchangeEvents & SettlementEvents & StreamEvents;

/** What is around the core: Kafka, or the test in its place. */
export interface CoreDeps {
  readonly config: ProxyConfig;
  readonly ids: CorrelationIds;
  readonly pending: PendingRequests;
  readonly budget: MemoryBudget;
  readonly publish: Publish;
  readonly inboxes: Inboxes & Pick<WhereaboutsOptions, 'ask'>;
  readonly events: CoreEvents;
  readonly clock: DeadlineClock;
}

/** The proxy without a socket and without Kafka: who waits for what, and what becomes of it. */
export interface Core {
  /** The way out. */
  readonly exchange: Exchange;
  /** The way in. */
  readonly settlement: Settlement;
  /** The way in for records as they were read. */
  readonly onRecord: ReplySink;
  readonly streams: Streams;
  readonly unread: UnreadReplies;
  readonly overload: Overload;
  readonly whereabouts: Whereabouts;
  /** Goes by another configuration. */
  change(config: ProxyConfig): void;
  /** Ends its timers. */
  close(): void;
}

/**
 * Wires the core. It is the same in the product and in tests.
 *
 * @example
 * const core = createCore({ config, ids, pending, budget, publish, inboxes: link.control, events: metrics, clock });
 * await link.start({ onRecord: core.onRecord, inFlight: () => pending.size });
 */
export function createCore({ config: first, ids, pending, budget, publish, inboxes, events, clock }: CoreDeps): Core {
  let config = first;
  let requestTopics = configuredRequestTopics(config);
  const { max_record_bytes: maxRecordBytes } = config.kafka;
  const streams = createStreams({ config, budget, inboxes, events, clock });
  const { conversations, whyNoStreams } = streams;
  const unread = createUnreadReplies(budget);
  const overload = createOverload({
    get on() {
      return config.load_shedding;
    },
    waiting: pending.waiting,
    clock,
  });
  const whereabouts = createWhereabouts({
    ask: inboxes.ask,
    nextId: ids.next,
    isConfigured: (topic) => requestTopics.has(topic),
    clock,
  });
  const shared = { ids, pending, conversations, enter: unread.enter, events };
  const exchange = createExchange({
    ...shared,
    publish,
    overload,
    whereabouts,
    version: config.wire === 'v1' ? 1 : 2,
    get timing() {
      return config.server_timing;
    },
    controlTopic: config.control_topic,
    maxRecordBytes,
    clock,
  });
  const settlement = createSettlement({ ...shared, whyNoStreams });
  const onRecord = createReplySink({ settlement, whereabouts, malformed: events.malformedReply, maxRecordBytes });
  return {
    exchange,
    settlement,
    onRecord,
    streams,
    unread,
    overload,
    whereabouts,
    change(next) {
      config = next;
      requestTopics = configuredRequestTopics(next);
    },
    close() {
      streams.watch.close();
      whereabouts.close();
    },
  };
}
