import { isDeepStrictEqual } from 'node:util';
import {
  type AdaptiveProducer,
  createTopicKeeper,
  type KafkaRecord,
  KafkaSendError,
  type KafkaSettings,
  type RecordProducer,
  type RequestConsumer,
  watchLink,
} from '@kafka-http-proxy/kafka';
import type { ProcessorConfig, ReplyAddress } from '@kafka-http-proxy/protocol';
import { createPersistence, describeError, type Logger } from '@kafka-http-proxy/service';
import { type KafkaClients, openToAsk } from './clients.js';
import { type ConsumerHandlers, createConsumers } from './consumers.js';
import { type InboxLink, openInboxLink } from './inbox.js';
import { codecsOf, creationOf, keptBy, needsNothingNew, needsOf, topicsOf } from './needs.js';
import { provide } from './provide.js';

/** The processor's side of Kafka. Once started it comes up by itself, whenever Kafka does. */
export interface KafkaLink {
  /** Writes a record; it is refused as `unavailable` until Kafka was reached for the first time. */
  readonly send: RecordProducer['send'];
  /** Stores the next offset to read of a partition. */
  store(topic: string, partition: number, offset: number): void;
  /** Reads nothing more of these partitions of a topic, until {@link resume}. */
  pause(topic: string, partitions: readonly number[]): void;
  resume(topic: string, partitions: readonly number[]): void;
  /** Makes a topic that turned out to be missing. False: that can't be done. */
  make(topic: string): Promise<boolean>;
  /** This process's partition of control_topic; undefined until it is read. */
  inbox(): ReplyAddress | undefined;
  consumers(): RequestConsumer[];
  /** What is wrong though requests are taken: a sentence each. */
  notes(): string[];
  /** Why no request is taken: a sentence each; empty when all is well. */
  troubles(): string[];
  /**
   * Connects, and reads. Resolves when all consumers read; rejects when the configuration can't work or the link was
   * closed first.
   */
  start(handlers: KafkaHandlers): Promise<void>;
  /**
   * Finds out whether Kafka can be used by another configuration, and makes the topics that it needs. What is read and
   * written stays as it is.
   *
   * @param renews true where the clients have to be others: properties, or files that they name, have changed
   * @throws Error with a sentence when it can't be used
   */
  prepare(next: ProcessorConfig, renews: boolean): Promise<void>;
  /**
   * Needs what another configuration needs, and keeps its topics; with `renews` all clients go on by its properties. What
   * is read stays as it is.
   *
   * @throws Error when a client can't be had
   */
  change(next: ProcessorConfig, renews: boolean): Promise<void>;
  /** Reads these topics, and no others. @see Consumers.change @throws Error with a sentence */
  read(config: Pick<ProcessorConfig, 'topics'>): Promise<void>;
  /** Stops reading: the consumers give their partitions up, with what that takes. */
  stopReading(): Promise<void>;
  /** Flushes and closes the producer, whether or not the consumers have ended. */
  close(graceMs: number): Promise<void>;
}

/** What is done with what comes from Kafka. */
export interface KafkaHandlers extends ConsumerHandlers {
  /** Each record of the inbox. */
  readonly onInbox: (record: KafkaRecord) => void;
  /** Requests that are at the backends, and that of the record itself. */
  readonly inFlight: () => number;
}

export interface KafkaLinkOptions {
  readonly config: ProcessorConfig;
  readonly settings: KafkaSettings;
  readonly logger: Pick<Logger, 'error' | 'warn' | 'info'>;
  readonly clients: KafkaClients;
  /** Name of this process: it chooses the partition of control_topic. */
  readonly instanceId: string;
}

/** Between two attempts to create the configured topics, ms. */
const RETRY_MS = 1000;
const TOPICS_TIMEOUT_MS = 30_000;
/** For a topic that is made when it is needed, ms. */
const MAKE_MS = 5000;
/** How long a reply may wait for its acknowledgement before it is sent again, ms. */
const MESSAGE_TIMEOUT_MS = 30_000;

/**
 * Makes the link, which does nothing before it is started: what it is to be given can be built on it.
 *
 * @example
 * const link = createKafkaLink({ config, settings, logger, clients: REAL_CLIENTS, instanceId: 'a' });
 * const core = createCore({ kafka: link, ...deps });
 * await link.start({ onRecord: core.onRecord, onInbox: core.onInbox, ...handlers });
 */
export function createKafkaLink({ logger, clients, instanceId, ...options }: KafkaLinkOptions): KafkaLink {
  let { config } = options;
  const closing = new AbortController();
  const { signal } = closing;
  let producer: AdaptiveProducer | null = null;
  let inbox: InboxLink | null = null;
  let connected: Promise<void> = Promise.resolve();
  let stopped: Promise<void> | undefined;
  const needs = needsOf(config);
  const watch = watchLink({
    settings: options.settings,
    needs,
    producer: () => producer,
    open: (by, ended) => openToAsk(clients, by, ended),
    logger,
    signal,
  });
  const { settings } = watch;
  const { createRequestConsumer } = clients;
  const denied = (group: string) => {
    const found = watch.denied().find(({ resource, name }) => resource === 'group' && name === group);
    return found === undefined ? null : `Kafka denies ${found.operations.join(' and ')} on group ${group}`;
  };
  const consumers = createConsumers({ config, settings, createRequestConsumer, denied, logger, signal });
  const { persist, trouble } = createPersistence({ logger, retryMs: RETRY_MS, signal });
  const keeper = createTopicKeeper({
    settings,
    ...keptBy(config),
    producer: () => producer,
    onRemade(remade) {
      if (remade.includes(config.control_topic)) inbox?.renew();
      consumers.renew(remade);
    },
    logger,
    signal,
    ensure: clients.ensureTopics,
  });

  const connect = async ({ onInbox, inFlight, ...handlers }: KafkaHandlers): Promise<void> => {
    const made = await clients.createProducer(settings, {
      messageTimeoutMs: MESSAGE_TIMEOUT_MS,
      signal,
      codecs: codecsOf(config),
      inFlight,
      // Records name reply topics: what they name must not come to be by that.
      createsTopics: false,
      maxQueuedBytes: config.memory_budget,
    });
    producer = made;
    await watch.check();
    const creation = creationOf(config);
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
    const common = { config, settings, clients, logger, instanceId, creation, signal };
    inbox = openInboxLink({ ...common, onInbox, allowed, producer: made });
    await inbox.tried;
    await consumers.join(made, handlers);
  };
  const stopReading = async () => {
    closing.abort();
    await connected.catch(() => undefined);
    await consumers.close();
  };
  const troubles = (): string[] => {
    if (!producer?.available()) return [watch.unreachable()];
    const denied = watch.troubles();
    if (denied.length > 0) return denied;
    const missing = keeper.troubles();
    if (missing.length > 0) return missing;
    const waitsFor = trouble();
    return waitsFor === null ? consumers.troubles() : [waitsFor];
  };
  const topicPartitions = (topic: string, numbers: readonly number[]) =>
    numbers.map((partition) => ({ topic, partition }));

  return {
    send(record, settled) {
      if (producer !== null) producer.send(record, settled);
      else queueMicrotask(() => settled(new KafkaSendError('unavailable', 'the producer is not open', -1)));
    },
    store: (topic, partition, offset) => consumers.act(topic, (consumer) => consumer.store(topic, partition, offset)),
    pause: (topic, numbers) => consumers.act(topic, (consumer) => consumer.pause(topicPartitions(topic, numbers))),
    resume: (topic, numbers) => consumers.act(topic, (consumer) => consumer.resume(topicPartitions(topic, numbers))),
    async make(topic) {
      if (!config.kafka.create_topics) return false;
      try {
        await clients.ensureTopics(settings, [topic], { ...creationOf(config), timeoutMs: MAKE_MS, signal });
        return true;
      } catch (error) {
        logger.warn(`making response topic ${topic}: ${describeError(error)}`);
        return false;
      }
    },
    inbox: () => inbox?.address(),
    consumers: consumers.all,
    notes() {
      const found = inbox?.notes() ?? [];
      return found.length > 0 || config.max_streams === 0 ? found : watch.notes();
    },
    troubles,
    start(handlers) {
      connected = connect(handlers);
      // The caller has the promise too, and says why it rejected; without this the process might end before it looks.
      connected.catch((error: unknown) => watch.refused(`cannot work with Kafka: ${describeError(error)}`));
      return connected;
    },
    async prepare(next, renews) {
      if (!consumers.joined && !isDeepStrictEqual(needsOf(config), needsOf(next))) {
        throw new Error(`other topics can be read when these are: ${troubles().join('; ')}`);
      }
      const isNew = !needsNothingNew(config, next);
      const { properties } = next.kafka;
      if (renews || isNew) await watch.prove({ properties, needs: needsOf(next) });
      const before = topicsOf(config);
      const fresh = topicsOf(next).filter((topic) => !before.includes(topic));
      if (fresh.length > 0)
        await provide(fresh, next, { settings: { ...settings, properties }, clients, producer, signal });
      await producer?.addCodecs(codecsOf(next));
    },
    async change(next, renews) {
      config = next;
      watch.change({ properties: next.kafka.properties, needs: needsOf(next) });
      keeper.change(keptBy(next));
      if (!renews) return;
      const reason = 'kafka.properties changed';
      await Promise.all([producer?.renew(reason), inbox?.reconnect(reason), consumers.rejoin(reason)]);
    },
    read: (next) => consumers.change(next),
    stopReading: () => (stopped ??= stopReading()),
    async close(graceMs) {
      closing.abort();
      await inbox?.close();
      await producer?.close(graceMs);
    },
  };
}
