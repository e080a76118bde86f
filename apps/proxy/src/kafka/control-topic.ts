import type { OutgoingRecord, RecordProducer } from '@kafka-http-proxy/kafka';
import {
  type ContinuationEnvelope,
  encodeContinuationV2,
  type Inbox,
  type ProxyConfig,
  retryDelayMs,
  type WireRecord,
} from '@kafka-http-proxy/protocol';
import { describeError, type Logger } from '@kafka-http-proxy/service';
import type { Clock } from '@kafka-http-proxy/streams';
import type { Compression } from '../destination.js';
import { partOf } from '../streams/parts.js';
import type { Inboxes } from '../streams/streams.js';

/** The topic with the processors' inboxes. */
export interface ControlTopic extends Inboxes {
  /** Writes a question to every inbox; false while there is none that is known. */
  ask(question: WireRecord): boolean;
  /**
   * Tries until the topic can be written to, and looks at its partitions again from time to time.
   * Resolves after the first attempt, whatever came of it.
   */
  keep(producer: RecordProducer): Promise<void>;
  /** The topic was deleted and recreated: looks at it now. */
  renew(): void;
}

/** What a control topic is made of. */
export interface ControlTopicOptions {
  readonly config: Pick<ProxyConfig, 'control_topic' | 'max_streams' | 'wire'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** Creates the topic where it is missing and ours to create. */
  readonly create: () => Promise<void>;
  /** An id that no exchange has. */
  readonly nextId: () => string;
  /** Ends the attempts. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Between two attempts, at most. */
const RETRY_MS = 10_000;
/** Partitions are added to a topic rarely. */
const REFRESH_MS = 300_000;

/**
 * @example
 * const control = createControlTopic({ config, logger, create: async () => undefined, nextId: ids.next, signal, clock: systemClock });
 * await control.keep(producer);
 */
export function createControlTopic(options: ControlTopicOptions): ControlTopic {
  const { config, logger, create, nextId, signal, clock } = options;
  const topic = config.control_topic;
  let producer: RecordProducer | null = null;
  let partitions = 0;
  let failed = 0;
  let trouble: string | null = `control_topic ${topic} was not reached yet`;

  const write = (to: Inbox, part: ContinuationEnvelope, compression?: Compression): OutgoingRecord => {
    const { value, headers } = encodeContinuationV2(part);
    return { topic: to.topic, partition: to.partition, key: null, value, headers, ...(compression && { compression }) };
  };
  /** Nobody has the exchange that it cancels: it only proves that we may write. */
  const prove = async (to: RecordProducer): Promise<void> => {
    await create();
    const count = await to.partitionsOf(topic);
    if (count === 0) throw new Error('there is no such topic');
    await to.deliver(write({ topic, partition: 0 }, partOf(nextId(), { cancel: true })));
    partitions = count;
  };
  const off = turnedOff(config);
  const attempt = async (to: RecordProducer): Promise<void> => {
    const known = trouble === null;
    try {
      if (known) partitions = (await to.partitionsOf(topic)) || partitions;
      else await prove(to);
      trouble = null;
    } catch (error) {
      // One that was reached exists: what fails now shows when something is sent to it.
      if (known || signal.aborted) return;
      const sentence = `control_topic ${topic} cannot be written to: ${describeError(error)}`;
      if (sentence !== trouble) logger.warn(`bodies are limited to one record: ${sentence}`);
      trouble = sentence;
    }
  };
  const again = (to: RecordProducer): void => {
    if (signal.aborted) return;
    const waitMs = trouble === null ? REFRESH_MS : retryDelayMs(failed++, RETRY_MS);
    const stop = clock.after(waitMs, () => {
      signal.removeEventListener('abort', stop);
      void attempt(to).then(() => again(to));
    });
    signal.addEventListener('abort', stop, { once: true });
  };

  return {
    trouble: () => off ?? trouble,
    send(to, part, compression, settled) {
      if (producer === null) queueMicrotask(() => settled(new Error('Kafka was not reached yet')));
      else producer.send(write(to, part, compression), settled);
    },
    broadcast(part) {
      for (let partition = 0; partition < partitions; partition++) {
        producer?.send(write({ topic, partition }, part), () => undefined);
      }
    },
    renew() {
      if (producer !== null && off === null) void attempt(producer);
    },
    ask({ value, headers }) {
      if (off !== null || trouble !== null || producer === null || partitions === 0) return false;
      for (let partition = 0; partition < partitions; partition++) {
        producer.send({ topic, partition, key: null, value, headers }, () => undefined);
      }
      return true;
    },
    async keep(connected) {
      producer = connected;
      if (off !== null) return;
      await attempt(connected);
      again(connected);
    },
  };
}

/** Why this configuration has no streams; null when it has. */
function turnedOff({ wire, max_streams: maxStreams }: ControlTopicOptions['config']): string | null {
  if (wire === 'v1') return 'wire: v1 has no longer ones (kafka.max_record_bytes)';
  return maxStreams === 0 ? 'max_streams: 0 leaves no longer ones (kafka.max_record_bytes)' : null;
}
