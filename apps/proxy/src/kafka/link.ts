import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AdaptiveProducer,
  createAdaptiveProducer,
  createInboxReader,
  createTopicKeeper,
  ensureTopics,
  INBOX_GROUP,
  type InboxReader,
  type KafkaRecord,
  type KafkaSettings,
  type RecordProducer,
  watchLink,
} from '@kafka-http-proxy/kafka';
import { createStates, type ProxyConfig, type ReplyAddress, type Steps } from '@kafka-http-proxy/protocol';
import { createPersistence, describeError, type Logger } from '@kafka-http-proxy/service';
import type { Clock } from '@kafka-http-proxy/streams';
import { configuredCompressions } from '../configured.js';
import type { ReplyAddresses } from '../destination.js';
import { type ControlTopic, createControlTopic } from './control-topic.js';
import { createOwnInbox } from './inbox.js';
import { createLinkReload, type LinkReload } from './link-reload.js';
import { createLinkTopics } from './link-topics.js';
import { linkTroubles } from './link-troubles.js';
import { createNamedTopics } from './named-topics.js';
import { hasStreams, needsOf } from './needs.js';
import { createReplyAddresses } from './reply-addresses.js';

/** What a link that starts needs of what was made after it. */
export interface LinkStart {
  /** Takes each record of the response topics. */
  onRecord(record: KafkaRecord): void;
  /** Requests that wait for their reply. */
  inFlight(): number;
}

/** The proxy's side of Kafka: comes up by itself, whenever Kafka does. */
export interface KafkaLink extends ReplyAddresses, LinkReload {
  /**
   * Connects, and goes on trying until it can.
   *
   * @returns resolves when `troubles` is empty for the first time; rejects when the configuration can't work or the
   *   link was closed before
   * @throws {IllegalStep} when it was started or closed before
   */
  start(start: LinkStart): Promise<void>;
  /** Null until Kafka was reached for the first time. */
  producer(): RecordProducer | null;
  /** True when requests can be taken, if not those of every topic; cheap enough to ask for each. */
  ready(): boolean;
  /** Why not: a sentence each; empty when it can. */
  troubles(): string[];
  /** What is wrong though requests can be taken: a sentence each. */
  notes(): string[];
  readonly control: ControlTopic;
  /** Kafka took a record for a request topic that a header named. */
  wrote(topic: string): void;
  /** Response topics that are read. */
  activeTopics(): number;
  /** The same, with the partition of each; null: all. */
  inboxes(): ReplyAddress[];
  close(graceMs: number): Promise<void>;
}

/** What a link is made of. */
export interface KafkaLinkOptions {
  readonly settings: KafkaSettings;
  readonly instanceId: string;
  readonly logger: Logger;
  /** An id that no exchange has. */
  readonly nextId: () => string;
  readonly clock: Clock;
}

/** `started`: it connects. `open`: all that is configured was reached once; what is lost later comes back by itself. */
type State = 'made' | 'started' | 'open' | 'closed';

const STEPS: Steps<State> = {
  made: ['started', 'closed'],
  started: ['open', 'closed'],
  open: ['closed'],
  closed: [],
};

/** Between two attempts to create or open the configured topics, ms. */
const RETRY_MS = 1000;
const TOPICS_TIMEOUT_MS = 30_000;
const CONTROL_TOPIC_MS = 10_000;
/** How long the start waits for control_topic, ms; requests of one record are taken without it. */
const CONTROL_PATIENCE_MS = 10_000;

/**
 * Makes a link that is not connected yet.
 *
 * @example
 * const link = createKafkaLink(config, { settings, instanceId, logger, nextId: ids.next, clock: systemClock });
 * const connected = link.start({ onRecord: core.onRecord, inFlight: () => pending.size });
 */
export function createKafkaLink(config: ProxyConfig, options: KafkaLinkOptions): KafkaLink {
  const { instanceId, logger, nextId, clock } = options;
  const closing = new AbortController();
  const { signal } = closing;
  const live = createLinkTopics(config);
  const missing = new Set(live.responses);
  let producer: AdaptiveProducer | null = null;
  let reader: InboxReader | null = null;
  let connected: Promise<void> = Promise.resolve();
  const state = createStates<State>('The Kafka link', STEPS, 'made');

  const inbox = createOwnInbox({ config, instanceId, logger, clock });
  const watch = watchLink({
    settings: options.settings,
    needs: needsOf(config),
    producer: () => producer,
    logger,
    signal,
  });
  const { settings } = watch;
  const named = createNamedTopics({
    get most() {
      return live.config.max_dynamic_topics;
    },
    release: (topic) => reader?.release(topic),
    clock,
  });
  const { persist, trouble: waitingFor } = createPersistence({ logger, retryMs: RETRY_MS, signal });

  const create = async (names: readonly string[], timeoutMs: number): Promise<void> => {
    const { creation } = live;
    if (creation !== null) await ensureTopics(settings, names, { ...creation, timeoutMs, signal });
  };
  const control = createControlTopic({
    config,
    logger,
    create: () => create([config.control_topic], CONTROL_TOPIC_MS),
    nextId,
    signal,
    clock,
  });
  const keeper = createTopicKeeper({
    settings,
    ...live.kept(),
    producer: () => producer,
    onRemade(remade) {
      if (remade.includes(config.control_topic)) control.renew();
      reader?.renew(remade.filter((topic) => live.responses.has(topic)));
    },
    logger,
    signal,
  });

  const connect = async ({ onRecord, inFlight }: LinkStart): Promise<void> => {
    const known = await createAdaptiveProducer(settings, {
      messageTimeoutMs: () => live.config.max_timeout * 1000,
      signal,
      codecs: configuredCompressions(config),
      inFlight,
      maxQueuedBytes: config.memory_budget,
    });
    producer = known;
    await watch.check();
    const names = [...new Set([...live.requests, ...live.responses])];
    await persist('creating the configured topics', () => create(names, TOPICS_TIMEOUT_MS));
    await keeper.keep();
    const controlled = control.keep(known);
    // The first request must not wait for metadata.
    for (const topic of live.requests) {
      await persist(`looking up ${topic}`, () => known.partitionsOf(topic));
    }
    // A reader that is refused would be recreated again and again.
    await persist('reading replies', () => watch.require(new Set([...live.responses, INBOX_GROUP])));
    await persist('reading replies', async () => {
      reader = await createInboxReader({ settings, producer: known, onRecord, signal, ...inbox });
    });
    await Promise.all(
      [...live.responses].map(async (topic) => {
        await persist(`reading replies of ${topic}`, async () => await reader?.open(topic));
        missing.delete(topic);
      }),
    );
    await Promise.race([controlled, sleep(CONTROL_PATIENCE_MS, undefined, { signal, ref: false })]);
    if (!signal.aborted) state.to('open');
  };
  return {
    ...createReplyAddresses({
      reader: () => reader,
      watch,
      isConfigured: (topic) => live.responses.has(topic),
      named,
      most: () => live.config.max_dynamic_topics,
    }),
    ...createLinkReload({
      live,
      settings,
      watch,
      keeper,
      named,
      producer: () => producer,
      reader: () => reader,
      isOpen: () => state.now === 'open',
      signal,
    }),
    start(start) {
      state.to('started');
      connected = connect(start);
      // Whoever started the link awaits it; until then, a failure must not end the process.
      connected.catch((error: unknown) => watch.refused(`cannot work with Kafka: ${describeError(error)}`));
      return connected;
    },
    control,
    producer: () => producer,
    wrote(topic) {
      if (!live.requests.has(topic)) named.wrote(topic);
    },
    activeTopics: () => reader?.topics().length ?? 0,
    inboxes: () => (reader?.topics() ?? []).flatMap((topic) => reader?.addressOf(topic) ?? []),
    ready: () => producer?.available() === true && reader?.healthy() === true && state.now === 'open',
    troubles: () =>
      linkTroubles({
        live,
        missing,
        producer,
        reader,
        watch,
        keeper,
        waitingFor: waitingFor(),
        isOpen: state.now === 'open',
      }),
    notes() {
      const met = inbox.notes();
      const trouble = control.trouble();
      if (!hasStreams(config)) return met;
      return [...(trouble === null ? watch.notes() : [`bodies are limited to one record: ${trouble}`]), ...met];
    },
    async close(graceMs) {
      if (state.now !== 'closed') state.to('closed');
      named.close();
      closing.abort();
      await connected.catch(() => undefined);
      await reader?.close();
      await producer?.close(graceMs);
    },
  };
}
