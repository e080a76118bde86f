import { EventEmitter, once } from 'node:events';
import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import { type Phases, phasesOf } from '@kafka-http-proxy/operate';
import { decodeInbox, decodeTopicState, type ErrorCode, timeoutSignal } from '@kafka-http-proxy/protocol';
import type { PrivateEvents, Sent } from '@kafka-http-proxy/proxy';

/** The first record of a reply, and when it was read. */
export interface Replied {
  readonly record: Pick<KafkaRecord, 'topic' | 'partition' | 'offset' | 'timestampMs'>;
  readonly readMs: number;
  readonly tookMs: number | null;
  readonly error: ErrorCode | null;
}

/** How the proxy says that a request ended. */
export type Ending = Parameters<PrivateEvents['ended']>[0];

/** Hears what becomes of requests inside the proxy. */
export interface Observer extends PrivateEvents {
  /** The last request that Kafka has. */
  sentLast(): Sent | null;
  /** The reply to it, as far as it came. */
  replyTo(sent: Sent | null): Replied | null;
  /** True when a processor has said that it reads the topic that was asked about. */
  answered(): boolean;
  /** The end of the next request that ends; null where none does within `withinMs`. */
  ending(withinMs: number): Promise<Ending | null>;
  /** Hears of each. */
  listen(ended: (ending: Ending) => void): void;
}

/** Most replies that are remembered: others write to the same partition. */
const MOST = 1000;

/**
 * @example
 * const observer = createObserver();
 * const proxy = await startPrivateProxy({ ...options, events: observer });
 */
export function createObserver(): Observer {
  const replies = new Map<string, Replied>();
  const endings = new EventEmitter<{ ended: [Ending] }>();
  let last: Sent | null = null;
  let reads = false;
  return {
    sent: (sent) => {
      last = sent;
    },
    read(record) {
      const told = decodeTopicState(record);
      if (told !== null) {
        reads ||= told.state.reads;
        return;
      }
      const read = decodeInbox(record);
      if (!read.ok || read.value.kind !== 'reply') return;
      const { correlationId, tookMs, error } = read.value.reply;
      if (replies.has(correlationId)) return;
      replies.set(correlationId, { record, readMs: Date.now(), tookMs, error });
      const [oldest] = replies.keys();
      if (replies.size > MOST && oldest !== undefined) replies.delete(oldest);
    },
    ended: (ending) => void endings.emit('ended', ending),
    sentLast: () => last,
    replyTo: (sent) => (sent === null ? null : (replies.get(sent.correlationId) ?? null)),
    answered: () => reads,
    listen: (ended) => void endings.on('ended', ended),
    async ending(withinMs) {
      try {
        const [ending] = await once(endings, 'ended', { signal: timeoutSignal(withinMs) });
        return ending as Ending;
      } catch {
        return null;
      }
    },
  };
}

/** Where the time went of a request that was answered; null where that is not known. */
export function phasesBetween(sent: Sent | null, replied: Replied | null): Phases | null {
  if (sent === null || replied === null) return null;
  const { readMs: repliedMs, record, tookMs } = replied;
  return phasesOf({
    sentMs: sent.atMs,
    publishMs: sent.publishMs,
    repliedMs,
    recordMs: record.timestampMs,
    tookMs,
  });
}
