import {
  createAdaptiveProducer,
  createInboxReader,
  createRequestConsumer,
  createTopicKeeper,
  ensureTopics,
  type KafkaRecord,
  type KafkaSettings,
  type MovedOffset,
  type RecordProducer,
  type RequestConsumer,
  type RequestConsumerOptions,
  watchLink,
} from '@kafka-http-proxy/kafka';
import type { ProcessorConfig, ReplyAddress } from '@kafka-http-proxy/protocol';
import { createPersistence, describeError, type Logger } from '@kafka-http-proxy/service';
import { type InboxLink, openInboxLink } from './inbox.js';
import { groupsOf, needsOf, replyTopicsNotAsked, topicsOf } from './needs.js';

/** The processor's side of Kafka: comes up by itself, whenever Kafka does. */
export interface KafkaLink {
  /** Null until Kafka was reached for the first time. */
  producer(): RecordProducer | null;
  /** Acts on the consumer that reads a topic; as soon as it is there, when its first records come before that. */
  withConsumer(topic: string, action: (consumer: RequestConsumer) => void): void;
  consumers(): RequestConsumer[];
  /** This process's partition of control_topic; undefined until it is read. */
  inbox(): ReplyAddress | undefined;
  /** What is amiss though requests are taken: a sentence each. */
  notes(): string[];
  /** Why no request is taken: a sentence each; empty when all is well. */
  troubles(): string[];
  /** Resolves when all consumers read; rejects when the configuration can't work or the link was closed first. */
  readonly connected: Promise<void>;
  /** Makes a topic that turned out to be missing. False: that can't be done. */
  make(topic: string): Promise<boolean>;
  /** Stops reading: the consumers give their partitions up, with what that takes. */
  stopReading(): Promise<void>;
  /** Flushes and closes the producer, whether or not the consumers have ended. */
  close(graceMs: number): Promise<void>;
}

/** The making of clients, for tests to replace. */
export interface KafkaClients {
  readonly createProducer: typeof createAdaptiveProducer;
  readonly createInboxReader: typeof createInboxReader;
  readonly createRequestConsumer: typeof createRequestConsumer;
  readonly ensureTopics: typeof ensureTopics;
}

export const REAL_CLIENTS: KafkaClients = {
  createProducer: createAdaptiveProducer,
  createInboxReader,
  createRequestConsumer,
  ensureTopics,
};

export interface KafkaLinkOptions
  extends Pick<RequestConsumerOptions, 'onRecord' | 'onAssigned' | 'onRevoked' | 'revokeTimeoutMs'> {
  readonly config: ProcessorConfig;
  readonly settings: KafkaSettings;
  readonly logger: Pick<Logger, 'error' | 'warn' | 'info'>;
  readonly clients: KafkaClients;
  /** Name of this process: it chooses the partition of control_topic. */
  readonly instanceId: string;
  /** Requests that are at the backends, and that of the record itself. */
  readonly inFlight: () => number;
  /** Each record of the inbox. */
  readonly onInbox: (record: KafkaRecord) => void;
  /** Reading goes on elsewhere than it had come to. */
  readonly onMoved: (moved: MovedOffset) => void;
}

/** Between two attempts to create the configured topics, ms. */
const RETRY_MS = 1000;
const TOPICS_TIMEOUT_MS = 30_000;
/** For a topic that is made when it is needed, ms. */
const MAKE_MS = 5000;
/** How long a reply may wait for its acknowledgement before it is sent anew, ms. */
const MESSAGE_TIMEOUT_MS = 30_000;

export function openKafkaLink(options: KafkaLinkOptions): KafkaLink {
  const { config, logger, clients } = options;
  const closing = new AbortController();
  const { signal } = closing;
  const groups = groupsOf(config);
  const consumers = new Map<string, RequestConsumer>();
  const early: { topic: string; action: (consumer: RequestConsumer) => void }[] = [];
  let producer: RecordProducer | null = null;
  let inbox: InboxLink | null = null;
  const needs = needsOf(config);
  const watch = watchLink({
    settings: options.settings,
    needs,
    producer: () => producer,
    logger,
    signal,
  });
  const { settings } = watch;

  const creation = {
    partitions: config.kafka.topic_partitions,
    replicationFactor: config.kafka.replication_factor,
  };
  const { persist, trouble } = createPersistence({ logger, retryMs: RETRY_MS, signal });
  const keeper = createTopicKeeper({
    settings,
    needed: topicsOf(config),
    optional: config.max_streams > 0 ? [config.control_topic] : [],
    watched: [...replyTopicsNotAsked(config)],
    creation: config.kafka.create_topics ? creation : null,
    producer: () => producer,
    onRemade(remade) {
      if (remade.includes(config.control_topic)) inbox?.renew();
      const reason = `deleted and made again: ${remade.join(', ')}`;
      for (const topics of groups.values()) {
        if (topics.some((topic) => remade.includes(topic))) consumers.get(topics[0] as string)?.renew(reason);
      }
    },
    logger,
    signal,
    ensure: clients.ensureTopics,
  });
  const connect = async (): Promise<void> => {
    const codecs = config.topics.flatMap(({ compression }) => (compression === 'none' ? [] : [compression]));
    const { inFlight } = options;
    const made = await clients.createProducer(settings, {
      messageTimeoutMs: MESSAGE_TIMEOUT_MS,
      signal,
      codecs,
      inFlight,
      // Records name reply topics: what they name must not come to be by that.
      createsTopics: false,
      maxQueuedBytes: config.memory_budget,
    });
    producer = made;
    await watch.check();
    if (config.kafka.create_topics) {
      const creating = { ...creation, timeoutMs: TOPICS_TIMEOUT_MS, signal };
      await persist('creating the configured topics', () => clients.ensureTopics(settings, topicsOf(config), creating));
    }
    await keeper.keep();
    // Requests whose replies or dead letters could not be written must not be carried out.
    await persist('taking requests', () =>
      watch.require(new Set(needs.flatMap((need) => (need.optional ? [] : [need.name])))),
    );
    // It is only needed for bodies longer than a record: requests are taken without it.
    const allowed = () => watch.require(new Set([config.control_topic]));
    inbox = openInboxLink({ ...options, settings, allowed, creation, producer: made, signal });
    await inbox.tried;
    await Promise.all(
      [...groups].map(async ([group, topics]) => {
        const { onRecord, onAssigned, onRevoked, revokeTimeoutMs } = options;
        const handlers = { onRecord, onAssigned, onRevoked, revokeTimeoutMs };
        const { group_protocol: protocol, isolation_level: isolationLevel } = config;
        const consumer = await clients.createRequestConsumer({
          settings,
          group,
          protocol,
          isolationLevel,
          topics,
          signal,
          describe: (names) => made.describe(names),
          onMoved: options.onMoved,
          // All consumers together: a quarter of the budget, outside of V8.
          maxPrefetchBytes: config.memory_budget / 4 / groups.size,
          ...handlers,
        });
        if (signal.aborted) return consumer.close();
        for (const topic of topics) consumers.set(topic, consumer);
        for (const { topic, action } of early) if (topics.includes(topic)) action(consumer);
      }),
    );
  };
  const connected = connect();
  // Whoever started the link looks at it; it must not end the process before.
  connected.catch((error: unknown) => watch.refused(`cannot work with Kafka: ${describeError(error)}`));
  const all = () => [...new Set(consumers.values())];
  let stopped: Promise<void> | undefined;
  const stopReading = async () => {
    closing.abort();
    await connected.catch(() => undefined);
    await Promise.all(all().map((consumer) => consumer.close()));
  };

  return {
    connected,
    producer: () => producer,
    withConsumer(topic, action) {
      const consumer = consumers.get(topic);
      if (consumer === undefined) early.push({ topic, action });
      else action(consumer);
    },
    consumers: all,
    inbox: () => inbox?.address(),
    notes() {
      const found = inbox?.notes() ?? [];
      return found.length > 0 || config.max_streams === 0 ? found : watch.notes();
    },
    troubles() {
      if (!producer?.available()) return [watch.unreachable()];
      const denied = watch.troubles();
      if (denied.length > 0) return denied;
      const missing = keeper.troubles();
      if (missing.length > 0) return missing;
      const waitsFor = trouble();
      if (waitsFor !== null) return [waitsFor];
      return [...groups].flatMap(([group, topics]) => {
        const consumer = consumers.get(topics[0] as string);
        if (consumer === undefined) return [`consumer group ${group} was not joined yet`];
        const trouble = consumer.trouble();
        if (trouble !== null) return [trouble];
        return consumer.healthy()
          ? []
          : [`consumer group ${group} has no assignment yet, or its reader is being made anew`];
      });
    },
    async make(topic) {
      if (!config.kafka.create_topics) return false;
      try {
        await clients.ensureTopics(settings, [topic], { ...creation, timeoutMs: MAKE_MS, signal });
        return true;
      } catch (error) {
        logger.warn(`making response topic ${topic}: ${describeError(error)}`);
        return false;
      }
    },
    stopReading: () => (stopped ??= stopReading()),
    async close(graceMs) {
      closing.abort();
      await inbox?.close();
      await producer?.close(graceMs);
    },
  };
}
