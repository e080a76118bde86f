import { setTimeout as sleep } from 'node:timers/promises';
import {
  createCompressingProducer,
  createInboxReader,
  ensureTopics,
  type InboxReader,
  KafkaClientFault,
  type KafkaRecord,
  type KafkaSettings,
  type RecordProducer,
  sendFailure,
} from '@kafka-http-proxy/kafka';
import { BridgeError, type ProxyConfig } from '@kafka-http-proxy/protocol';
import { describeError, type Logger } from '@kafka-http-proxy/service';
import { systemClock } from '@kafka-http-proxy/streams';
import { type ControlTopic, createControlTopic } from './control-topic.js';
import type { ReplyAddresses } from './ingress/handler.js';
import { configuredCompressions, configuredRequestTopics, configuredResponseTopics } from './routing.js';

/** The proxy's side of Kafka: comes up by itself, whenever Kafka does. */
export interface KafkaLink extends ReplyAddresses {
  /** Null until Kafka was reached for the first time. */
  producer(): RecordProducer | null;
  /** True when a request can be taken; cheap enough to ask for each. */
  ready(): boolean;
  /** Why not: a sentence each; empty when it can. */
  troubles(): string[];
  /** What is amiss though requests can be taken: a sentence each. */
  notes(): string[];
  readonly control: ControlTopic;
  /** Response topics that are read. */
  activeTopics(): number;
  /** Resolves when `troubles` is empty for the first time; rejects when the configuration can't work or `signal` was aborted. */
  readonly connected: Promise<void>;
  close(graceMs: number): Promise<void>;
}

export interface KafkaLinkOptions {
  readonly config: ProxyConfig;
  readonly settings: KafkaSettings;
  readonly logger: Logger;
  readonly choosePartitions: (topic: string, count: number) => number[];
  readonly onRecord: (record: KafkaRecord) => void;
  /** An id that no exchange has. */
  readonly nextId: () => string;
}

/** Between two attempts to create or open the configured topics, ms. */
const RETRY_MS = 1000;
const TOPICS_TIMEOUT_MS = 30_000;
const CONTROL_TOPIC_MS = 10_000;
/** How long the start waits for control_topic, ms; requests of one record are taken without it. */
const CONTROL_PATIENCE_MS = 10_000;

export function openKafkaLink(options: KafkaLinkOptions): KafkaLink {
  const { config, settings, logger, choosePartitions, onRecord } = options;
  const closing = new AbortController();
  const { signal } = closing;
  const topics = configuredResponseTopics(config);
  const missing = new Set(topics);
  let producer: RecordProducer | null = null;
  let reader: InboxReader | null = null;
  let trouble: string | null = null;
  let controlTried = false;

  /** Repeats a step until it succeeds: Kafka may be away, or a topic may still have to be made. */
  const persist = async (what: string, step: () => Promise<unknown>): Promise<void> => {
    for (;;) {
      try {
        await step();
        trouble = null;
        return;
      } catch (error) {
        if (signal.aborted) throw error;
        const sentence = `${what}: ${describeError(error)}`;
        if (sentence !== trouble) logger.warn(sentence);
        trouble = sentence;
        await sleep(RETRY_MS, undefined, { signal });
      }
    }
  };

  const create = (names: readonly string[], timeoutMs: number) =>
    ensureTopics(settings, names, {
      partitions: config.kafka.topic_partitions,
      replicationFactor: config.kafka.replication_factor,
      timeoutMs,
      signal,
    });
  const control = createControlTopic({
    config,
    logger,
    create: config.kafka.create_topics ? () => create([config.control_topic], CONTROL_TOPIC_MS) : null,
    nextId: options.nextId,
    signal,
    clock: systemClock,
  });

  const connect = async (): Promise<void> => {
    const known = await createCompressingProducer(
      settings,
      { messageTimeoutMs: config.max_timeout * 1000, signal },
      configuredCompressions(config),
    );
    producer = known;
    if (config.kafka.create_topics) {
      const names = [...new Set([...configuredRequestTopics(config), ...topics])];
      await persist('creating the configured topics', () => create(names, TOPICS_TIMEOUT_MS));
    }
    const controlled = control.keep(known);
    // The first request must not wait for metadata.
    for (const topic of configuredRequestTopics(config)) {
      await persist(`looking up ${topic}`, () => known.partitionsOf(topic));
    }
    reader = await createInboxReader({ settings, producer, choosePartitions, onRecord, signal });
    const opened = reader;
    await Promise.all(
      [...topics].map(async (topic) => {
        await persist(`reading replies of ${topic}`, () => opened.open(topic));
        missing.delete(topic);
      }),
    );
    await Promise.race([controlled, sleep(CONTROL_PATIENCE_MS, undefined, { signal, ref: false })]);
    controlTried = true;
  };
  const connected = connect();
  // Whoever started the link looks at it; it must not end the process before.
  connected.catch(() => undefined);

  return {
    connected,
    control,
    notes() {
      const trouble = control.trouble();
      return trouble === null || config.wire === 'v1' || config.max_streams === 0
        ? []
        : [`bodies are limited to one record: ${trouble}`];
    },
    producer: () => producer,
    addressOf: (topic) => reader?.addressOf(topic),
    async open(topic) {
      if (reader === null) throw new BridgeError('kafka_unavailable', 'Kafka cannot be reached at the moment.');
      try {
        return await reader.open(topic);
      } catch (cause) {
        throw unreadable(topic, cause);
      }
    },
    activeTopics: () => reader?.topics().length ?? 0,
    ready: () => producer?.available() === true && reader?.healthy() === true && missing.size === 0 && controlTried,
    troubles() {
      if (producer === null) return [`no broker of ${settings.bootstrapServers} can be reached`];
      const found: string[] = [];
      if (!producer.available()) found.push(`no broker of ${settings.bootstrapServers} can be reached`);
      if (reader !== null && !reader.healthy()) found.push('the reader of the response topics is being made anew');
      if (missing.size > 0) found.push(trouble ?? `replies are not read yet from: ${[...missing].join(', ')}`);
      if (found.length === 0 && !controlTried) found.push(`control_topic ${config.control_topic} was not tried yet`);
      return found;
    },
    async close(graceMs) {
      closing.abort();
      await connected.catch(() => undefined);
      await reader?.close();
      await producer?.close(graceMs);
    },
  };
}

/** Tells a client whose reply topic cannot be opened whether that will pass by itself. */
function unreadable(topic: string, cause: unknown): BridgeError {
  const failure = cause instanceof KafkaClientFault ? sendFailure(cause.code) : 'unavailable';
  if (failure === 'unknown_topic')
    return new BridgeError('bad_request', `Response topic ${topic} does not exist.`, { cause });
  if (failure === 'not_authorized') {
    return new BridgeError('topic_not_allowed', `Kafka does not let this proxy use response topic ${topic}.`, {
      cause,
    });
  }
  return new BridgeError('kafka_unavailable', `Response topic ${topic} cannot be read at the moment.`, { cause });
}
