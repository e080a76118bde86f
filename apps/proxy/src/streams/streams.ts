import type { ProxyConfig } from '@kafka-http-proxy/protocol';
import {
  type Clock,
  createMemoryBudget,
  createPeerWatch,
  type MemoryBudget,
  type PeerWatch,
} from '@kafka-http-proxy/streams';
import { type Conversations, type ConversationsDeps, createConversations } from './conversations.js';

/** The way to the processors: without it, only what fits one record travels. */
export interface Inboxes extends Pick<ConversationsDeps, 'send' | 'broadcast'> {
  /** Null when it can be used; else why streams can't be had: the end of a sentence. */
  trouble(): string | null;
}

/** What streams report, for metrics. */
export type StreamEvents = Pick<ConversationsDeps, 'opened' | 'moved' | 'claimRefused'>;

/** What this process has for bodies beyond one record. */
export interface Streams {
  readonly conversations: Conversations;
  readonly watch: PeerWatch;
  /** How long either side may be silent, and a client may take nothing, ms. */
  readonly idleMs: number;
  /** Most bytes of body in a record of a stream. */
  readonly recordBytes: number;
  /** Null when there can be streams; else why not: the end of a sentence. */
  whyNoStreams(): string | null;
}

/** What streams are made of. */
export interface StreamsDeps {
  readonly config: ProxyConfig;
  readonly budget: MemoryBudget;
  readonly inboxes: Inboxes;
  readonly events: StreamEvents;
  readonly clock: Clock;
}

/**
 * @example
 * const { conversations, whyNoStreams } = createStreams({ config, budget: budgetOf(config), inboxes, events, clock });
 */
export function createStreams({ config, budget, inboxes, events, clock }: StreamsDeps): Streams {
  const idleMs = config.stream_idle_timeout * 1000;
  const watch = createPeerWatch(idleMs, clock);
  const recordBytes = partBytes(config);
  const conversations = createConversations({
    send: inboxes.send,
    broadcast: inboxes.broadcast,
    isInbox: ({ topic }) => topic === config.control_topic,
    watch,
    budget,
    clock,
    idleMs,
    recordBytes,
    flushMs: config.stream_flush_ms,
    opened: events.opened,
    moved: events.moved,
    claimRefused: events.claimRefused,
  });
  return { conversations, watch, idleMs, recordBytes, whyNoStreams: inboxes.trouble };
}

/** The memory that a proxy has for what strangers send. */
export function budgetOf(config: ProxyConfig): MemoryBudget {
  return createMemoryBudget({
    limitBytes: config.memory_budget,
    maxStreams: config.max_streams,
    streamWindow: config.stream_window,
  });
}

/** What the head of a continuation takes of its record. */
const PART_HEAD_BYTES = 2048;

function partBytes({ record_bytes: configured, kafka: { max_record_bytes: most } }: ProxyConfig): number {
  return Math.min(configured, Math.max(most - PART_HEAD_BYTES, Math.floor(most / 2)));
}
