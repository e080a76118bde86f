import { setTimeout as sleep } from 'node:timers/promises';
import {
  createAdaptiveProducer,
  createInboxReader,
  createTopicKeeper,
  ensureTopics,
  INBOX_GROUP,
  type InboxOwner,
  type InboxReader,
  KafkaClientFault,
  type KafkaRecord,
  type KafkaSettings,
  type RecordProducer,
  sendFailure,
  watchLink,
} from '@kafka-http-proxy/kafka';
import { BridgeError, type ProxyConfig } from '@kafka-http-proxy/protocol';
import { createPersistence, describeError, type Logger } from '@kafka-http-proxy/service';
import { systemClock } from '@kafka-http-proxy/streams';
import { configuredCompressions, configuredRequestTopics, configuredResponseTopics } from '../configured.js';
import type { ReplyAddresses } from '../destination.js';
import { type ControlTopic, createControlTopic } from './control-topic.js';
import { createNamedTopics } from './named-topics.js';
import { hasStreams, needsOf } from './needs.js';
import type { Neighbours } from './neighbours.js';

/** The proxy's side of Kafka: comes up by itself, whenever Kafka does. */
export interface KafkaLink extends ReplyAddresses {
  /** Null until Kafka was reached for the first time. */
  producer(): RecordProducer | null;
  /** True when requests can be taken, if not those of every topic; cheap enough to ask for each. */
  ready(): boolean;
  /** Why not: a sentence each; empty when it can. */
  troubles(): string[];
  /** What is amiss though requests can be taken: a sentence each. */
  notes(): string[];
  readonly control: ControlTopic;
  /** Kafka took a record for a request topic that a header named. */
  wrote(topic: string): void;
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
  /** Named to those who read the same partitions. */
  readonly owner: InboxOwner;
  readonly neighbours: Neighbours;
  /** An id that no exchange has. */
  readonly nextId: () => string;
  /** Requests that wait for their reply. */
  readonly inFlight: () => number;
}

/** Between two attempts to create or open the configured topics, ms. */
const RETRY_MS = 1000;
const TOPICS_TIMEOUT_MS = 30_000;
const CONTROL_TOPIC_MS = 10_000;
/** How long the start waits for control_topic, ms; requests of one record are taken without it. */
const CONTROL_PATIENCE_MS = 10_000;

export function openKafkaLink(options: KafkaLinkOptions): KafkaLink {
  const { config, logger, choosePartitions, onRecord } = options;
  const closing = new AbortController();
  const { signal } = closing;
  const topics = configuredResponseTopics(config);
  const watch = watchLink({
    settings: options.settings,
    needs: needsOf(config),
    producer: () => producer,
    logger,
    signal,
  });
  const { settings } = watch;
  const missing = new Set(topics);
  let producer: RecordProducer | null = null;
  let reader: InboxReader | null = null;
  let controlTried = false;

  const requestTopics = configuredRequestTopics(config);
  const named = createNamedTopics({
    most: config.max_dynamic_topics,
    release: (topic) => reader?.release(topic),
    clock: systemClock,
  });
  const { persist, trouble } = createPersistence({ logger, retryMs: RETRY_MS, signal });

  const creation = {
    partitions: config.kafka.topic_partitions,
    replicationFactor: config.kafka.replication_factor,
  };
  const create = (names: readonly string[], timeoutMs: number) =>
    ensureTopics(settings, names, { ...creation, timeoutMs, signal });
  const keeper = createTopicKeeper({
    settings,
    needed: [...new Set([...requestTopics, ...topics])],
    optional: hasStreams(config) ? [config.control_topic] : [],
    creation: config.kafka.create_topics ? creation : null,
    producer: () => producer,
    onRemade(remade) {
      if (remade.includes(config.control_topic)) control.renew();
      reader?.renew(remade.filter((topic) => topics.has(topic)));
    },
    logger,
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
    const known = await createAdaptiveProducer(settings, {
      messageTimeoutMs: config.max_timeout * 1000,
      signal,
      codecs: configuredCompressions(config),
      inFlight: options.inFlight,
      maxQueuedBytes: config.memory_budget,
    });
    producer = known;
    await watch.check();
    if (config.kafka.create_topics) {
      const names = [...new Set([...configuredRequestTopics(config), ...topics])];
      await persist('creating the configured topics', () => create(names, TOPICS_TIMEOUT_MS));
    }
    await keeper.keep();
    const controlled = control.keep(known);
    // The first request must not wait for metadata.
    for (const topic of configuredRequestTopics(config)) {
      await persist(`looking up ${topic}`, () => known.partitionsOf(topic));
    }
    // A reader that is refused would be made anew again and again.
    await persist('reading replies', () => watch.require(new Set([...topics, INBOX_GROUP])));
    await persist('reading replies', async () => {
      const { owner, neighbours } = options;
      const heard = { owner, onNeighbour: neighbours.seen };
      reader = await createInboxReader({ settings, producer: known, choosePartitions, onRecord, signal, ...heard });
    });
    await Promise.all(
      [...topics].map(async (topic) => {
        await persist(`reading replies of ${topic}`, async () => await reader?.open(topic));
        missing.delete(topic);
      }),
    );
    await Promise.race([controlled, sleep(CONTROL_PATIENCE_MS, undefined, { signal, ref: false })]);
    controlTried = true;
  };
  /** Of the configured ones that were read. */
  const unread = () => [...topics].filter((topic) => reader?.addressOf(topic) === undefined);
  const connected = connect();
  const denied = (topic: string) => watch.denied().some(({ resource, name }) => name === topic && resource === 'topic');
  // Whoever started the link looks at it; it must not end the process before.
  connected.catch((error: unknown) => watch.refused(`cannot work with Kafka: ${describeError(error)}`));

  return {
    connected,
    control,
    notes() {
      const met = options.neighbours.notes();
      const trouble = control.trouble();
      if (!hasStreams(config)) return met;
      return [...(trouble === null ? watch.notes() : [`bodies are limited to one record: ${trouble}`]), ...met];
    },
    producer: () => producer,
    // Where an ACL was taken away, no reply would be read: `open` tells.
    addressOf: (topic) => (denied(topic) ? undefined : reader?.addressOf(topic)),
    async open(topic) {
      if (reader === null) throw new BridgeError('kafka_unavailable', 'Kafka cannot be reached at the moment.');
      if (denied(topic)) {
        throw new BridgeError('kafka_unavailable', `Replies cannot be read from ${topic} at the moment.`, {
          cause: new KafkaClientFault(watch.troubles().join('; '), TOPIC_AUTHORIZATION_FAILED),
        });
      }
      const configured = topics.has(topic);
      try {
        const address = await reader.open(topic, { silently: !configured });
        if (configured || named.opened(topic)) return address;
      } catch (cause) {
        throw unreadable(topic, cause, configured);
      }
      reader.release(topic);
      throw new BridgeError(
        'overloaded',
        `Replies of ${config.max_dynamic_topics} other topics are waited for already (max_dynamic_topics).`,
      );
    },
    lease: (topic) => (topics.has(topic) ? undefined : named.lease(topic)),
    wrote(topic) {
      if (!requestTopics.has(topic)) named.wrote(topic);
    },
    activeTopics: () => reader?.topics().length ?? 0,
    ready: () => producer?.available() === true && reader?.healthy() === true && missing.size === 0 && controlTried,
    troubles() {
      if (!producer?.available()) return [watch.unreachable()];
      const denials = watch.troubles();
      const found = [...denials];
      if (reader !== null && !reader.healthy()) found.push('the reader of the response topics is being made anew');
      const gone = keeper.troubles();
      found.push(...gone);
      if (missing.size > 0 && denials.length === 0 && gone.length === 0)
        found.push(trouble() ?? `replies are not read yet from: ${[...missing].join(', ')}`);
      if (missing.size === 0 && gone.length === 0 && unread().length > 0)
        found.push(`replies are not read at the moment from: ${unread().join(', ')}`);
      if (found.length === 0 && !controlTried) found.push(`control_topic ${config.control_topic} was not tried yet`);
      return found;
    },
    async close(graceMs) {
      named.close();
      closing.abort();
      await connected.catch(() => undefined);
      await reader?.close();
      await producer?.close(graceMs);
    },
  };
}

/** Kafka's number of it. */
const TOPIC_AUTHORIZATION_FAILED = 29;

/** Tells a client whose reply topic cannot be opened whether that will pass by itself. @param configured the operator chose it, not the client */
function unreadable(topic: string, cause: unknown, configured: boolean): BridgeError {
  const failure = cause instanceof KafkaClientFault ? sendFailure(cause.code) : 'unavailable';
  if (failure === 'unknown_topic' && !configured)
    return new BridgeError('bad_request', `Response topic ${topic} does not exist.`, { cause });
  if (failure === 'not_authorized' && !configured) {
    return new BridgeError('topic_not_allowed', `Kafka does not let this proxy use response topic ${topic}.`, {
      cause,
    });
  }
  return new BridgeError('kafka_unavailable', `Response topic ${topic} cannot be read at the moment.`, { cause });
}
