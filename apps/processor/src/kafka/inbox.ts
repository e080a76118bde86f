import { setTimeout as sleep } from 'node:timers/promises';
import {
  chooseInboxPartitions,
  type createInboxReader,
  type ensureTopics,
  type InboxReader,
  type KafkaRecord,
  type KafkaSettings,
  type RecordProducer,
  type TopicCreation,
} from '@kafka-http-proxy/kafka';
import { type ProcessorConfig, type ReplyAddress, retryDelayMs } from '@kafka-http-proxy/protocol';
import { describeError, type Logger } from '@kafka-http-proxy/service';

/** This process's partition of control_topic: opened as soon as that can be, needed for streams only. */
export interface InboxLink {
  /** Undefined until it is read, and while the reader is being recreated. */
  address(): ReplyAddress | undefined;
  /** Why it is not read, in a sentence; empty when it is. */
  notes(): string[];
  /** Resolves when it is read, or could not be at the first try: requests are taken without it. */
  readonly tried: Promise<void>;
  /** The topic was deleted and made again. */
  renew(): void;
  /** Reads on by the settings as they are now. @throws KafkaClientFault when it can't; then it reads on as before */
  reconnect(reason: string): Promise<void>;
  close(): Promise<void>;
}

export interface InboxLinkOptions {
  readonly clients: {
    readonly ensureTopics: typeof ensureTopics;
    readonly createInboxReader: typeof createInboxReader;
  };
  /** Name of this process: it chooses the partition. */
  readonly instanceId: string;
  /** Each record of the inbox. */
  readonly onInbox: (record: KafkaRecord) => void;
  readonly logger: Pick<Logger, 'warn'>;
  readonly config: ProcessorConfig;
  readonly settings: KafkaSettings;
  readonly producer: RecordProducer;
  readonly creation: Pick<TopicCreation, 'partitions' | 'replicationFactor'>;
  /** Rejects while Kafka denies what reading the topic takes: opening it would only find out late. */
  readonly allowed: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** Between two attempts at most, ms. */
const RETRY_MS = 3000;
/** For creating the topic, ms. */
const CREATE_MS = 10_000;

/**
 * Opens the inbox, and tries again until that works.
 *
 * @example
 * const inbox = openInboxLink({ config, settings, clients, producer, creation, allowed, instanceId, onInbox, logger, signal });
 * await inbox.tried;
 */
export function openInboxLink(options: InboxLinkOptions): InboxLink {
  const { config, settings, clients, producer, creation, signal, logger, instanceId } = options;
  const topic = config.control_topic;
  let reader: InboxReader | null = null;
  let trouble: string | null = null;

  const open = async (): Promise<void> => {
    if (config.kafka.create_topics) {
      await clients.ensureTopics(settings, [topic], { ...creation, timeoutMs: CREATE_MS, signal });
    }
    await options.allowed();
    reader ??= await clients.createInboxReader({
      settings,
      producer,
      choosePartitions: (_topic, count) => chooseInboxPartitions({ configured: undefined, instanceId }, count),
      onRecord: options.onInbox,
      signal,
    });
    await reader.open(topic);
  };
  const persist = async (tried: () => void): Promise<void> => {
    for (let failed = 0; !signal.aborted; failed++) {
      try {
        await open();
        trouble = null;
        return;
      } catch (error) {
        if (signal.aborted) return;
        tried();
        const sentence = `no body can be longer than a record: control_topic ${topic} cannot be read: ${describeError(error)}`;
        if (sentence !== trouble) logger.warn(sentence);
        trouble = sentence;
        await sleep(retryDelayMs(failed, RETRY_MS), undefined, { signal }).catch(() => undefined);
      }
    }
  };

  return {
    address: () => (reader?.healthy() ? reader.addressOf(topic) : undefined),
    notes: () => (trouble === null ? [] : [trouble]),
    tried: new Promise((resolve) => {
      if (config.max_streams === 0) resolve();
      else void persist(resolve).then(resolve);
    }),
    renew: () => reader?.renew([topic]),
    async reconnect(reason) {
      await reader?.reconnect(reason);
    },
    async close() {
      await reader?.close();
    },
  };
}
