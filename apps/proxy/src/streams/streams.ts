import type { ProxyConfig } from '@kafka-http-proxy/protocol';
import {
  type Clock,
  createMemoryBudget,
  createPeerWatch,
  type MemoryBudget,
  type PeerWatch,
} from '@kafka-http-proxy/streams';
import type { ControlTopic } from '../kafka/control-topic.js';
import { type Conversations, type ConversationsDeps, createConversations } from './conversations.js';

/** What this process has for bodies beyond one record. */
export interface Streams {
  readonly conversations: Conversations;
  readonly budget: MemoryBudget;
  readonly watch: PeerWatch;
  /** How long either side may be silent, and a client may take nothing, ms. */
  readonly idleMs: number;
  /** Most bytes of body in a record of a stream. */
  readonly recordBytes: number;
  /** Null when there can be streams; else why not: the end of a sentence. */
  noStreams(): string | null;
}

export interface StreamsOptions extends Pick<ConversationsDeps, 'opened' | 'moved' | 'claimRefused'> {
  readonly config: ProxyConfig;
  readonly control: () => ControlTopic;
  readonly clock: Clock;
}

export function createStreams({ config, control, clock, opened, moved, claimRefused }: StreamsOptions): Streams {
  const idleMs = config.stream_idle_timeout * 1000;
  const budget = createMemoryBudget({
    limitBytes: config.memory_budget,
    maxStreams: config.max_streams,
    streamWindow: config.stream_window,
  });
  const watch = createPeerWatch(idleMs, clock);
  const recordBytes = partBytes(config);
  const conversations = createConversations({
    send: (to, part, compression, settled) => control().send(to, part, compression, settled),
    broadcast: (part) => control().broadcast(part),
    isInbox: ({ topic }) => topic === config.control_topic,
    watch,
    budget,
    clock,
    idleMs,
    recordBytes,
    flushMs: config.stream_flush_ms,
    opened,
    moved,
    claimRefused,
  });
  return { conversations, budget, watch, idleMs, recordBytes, noStreams: () => control().trouble() };
}

/** What the head of a continuation takes of its record. */
const PART_HEAD_BYTES = 2048;

function partBytes({ record_bytes: configured, kafka: { max_record_bytes: most } }: ProxyConfig): number {
  return Math.min(configured, Math.max(most - PART_HEAD_BYTES, Math.floor(most / 2)));
}
