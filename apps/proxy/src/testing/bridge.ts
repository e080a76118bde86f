import {
  type ContinuationEnvelope,
  createCorrelationIds,
  type Inbox,
  proxyConfig,
  type ReplyEnvelope,
  type RequestEnvelope,
  type Sequence,
} from '@kafka-http-proxy/protocol';
import {
  type Clock,
  createMemoryBudget,
  createPeerWatch,
  type MemoryBudget,
  systemClock,
} from '@kafka-http-proxy/streams';
import { createExchange, type Exchange } from '../exchange/exchange.js';
import { createPendingRequests } from '../exchange/pending.js';
import type { Publish } from '../exchange/publisher.js';
import { type Conversations, createConversations } from '../streams/conversations.js';
import { NO_FIELDS, partOf } from '../streams/parts.js';
import { type DataPlane, replyOf, startDataPlane } from './ingress.js';

export const INBOX: Inbox = { topic: 'khp-control', partition: 5 };

/** A record that was sent to a processor; settles it when called. */
export interface SentPart {
  readonly to: Inbox;
  readonly part: ContinuationEnvelope;
  readonly compression: string | undefined;
  settle(error: Error | null): void;
}

/** The core of a proxy, with the test in the place of Kafka and of the processors. */
export interface TestCore {
  readonly exchange: Exchange;
  readonly conversations: Conversations;
  readonly budget: MemoryBudget;
  readonly published: RequestEnvelope[];
  /** Ends the publication of the n-th request. */
  readonly settles: Parameters<Publish>[2][];
  readonly sent: SentPart[];
  readonly broadcasts: ContinuationEnvelope[];
  /** What metrics were told. */
  readonly told: string[];
  readonly open: { upload: number; reply: number };
  noStreams: string | null;
  /** Records to the processors are acknowledged at once. */
  acknowledges: boolean;
  /** The first record of a reply, of execution `exec`. */
  head(fields?: Partial<ReplyEnvelope>, sequence?: Partial<Sequence>): void;
  /** A later record, or credit, of a processor's. */
  part(sequence: Partial<Sequence>, content?: Partial<ContinuationEnvelope>): void;
}

export function createTestCore(settings: Record<string, unknown> = {}, clock: Clock = systemClock): TestCore {
  const config = proxyConfig.parse(settings);
  const budget = createMemoryBudget({
    limitBytes: config.memory_budget,
    maxStreams: config.max_streams,
    streamWindow: config.stream_window,
  });
  const idleMs = config.stream_idle_timeout * 1000;
  const sent: SentPart[] = [];
  const broadcasts: ContinuationEnvelope[] = [];
  const open = { upload: 0, reply: 0 };
  const conversations = createConversations({
    send(to, part, compression, settle) {
      sent.push({ to, part, compression, settle });
      if (core.acknowledges) queueMicrotask(() => settle(null));
    },
    broadcast: (part) => broadcasts.push(part),
    isInbox: ({ topic }) => topic === INBOX.topic,
    watch: createPeerWatch(idleMs, clock),
    budget,
    clock,
    idleMs,
    recordBytes: config.record_bytes,
    flushMs: config.stream_flush_ms,
    opened(direction, change) {
      open[direction] += change;
    },
    moved: () => undefined,
    claimRefused: (reason) => told.push(`claim ${reason}`),
  });
  const published: RequestEnvelope[] = [];
  const settles: Parameters<Publish>[2][] = [];
  const told: string[] = [];
  const exchange = createExchange({
    ids: createCorrelationIds(),
    pending: createPendingRequests(),
    conversations,
    publish(envelope, _to, settled) {
      published.push(envelope);
      settles.push(settled);
    },
    events: {
      replied: () => told.push('replied'),
      timedOut: () => told.push('timed out'),
      late: () => told.push('late'),
      foreign: () => told.push('foreign'),
      malformedReply: (fault) => told.push(fault),
    },
    version: 2,
    controlTopic: INBOX.topic,
    explain: (_topic, _address, told) => told(null),
    maxRecordBytes: config.kafka.max_record_bytes,
    noStreams: () => core.noStreams,
    enter: budget.enter,
    now: clock.now,
  });
  const latest = () => published.at(-1)?.correlationId ?? 'none';
  const core: TestCore = {
    exchange,
    conversations,
    budget,
    published,
    settles,
    sent,
    broadcasts,
    told,
    open,
    noStreams: null,
    acknowledges: true,
    head(fields = {}, sequence = {}) {
      const beginning = { ...NO_FIELDS, seq: 0, exec: 'a', inbox: INBOX, ...sequence };
      exchange.settle(replyOf({ correlationId: latest(), body: null, sequence: beginning, ...fields }));
    },
    part(sequence, content = {}) {
      exchange.take({ ...partOf(latest(), { exec: 'a', ...sequence }), ...content });
    },
  };
  return core;
}

/** A data plane and the core behind it. */
export async function startTestBridge(
  settings: Record<string, unknown> = {},
): Promise<TestCore & { plane: DataPlane }> {
  const core = createTestCore(settings);
  const config = proxyConfig.parse(settings);
  const { exchange, budget } = core;
  const plane = await startDataPlane({ config, exchange, budget, noStreams: () => core.noStreams });
  return Object.assign(core, { plane });
}
