import { isDeepStrictEqual } from 'node:util';
import type { KafkaSettings, RecordProducer, RequestConsumer, RequestConsumerOptions } from '@kafka-http-proxy/kafka';
import type { ProcessorConfig } from '@kafka-http-proxy/protocol';
import { timeoutSignal } from '@kafka-http-proxy/protocol';
import { type Logger, within } from '@kafka-http-proxy/service';
import type { KafkaClients } from './clients.js';
import { groupsOf } from './needs.js';

/** What is done with what consumers read, and with their partitions. */
export type ConsumerHandlers = Pick<
  RequestConsumerOptions,
  'onRecord' | 'onAssigned' | 'onRevoked' | 'onMoved' | 'revokeTimeoutMs'
>;

/** The consumers of all groups. */
export interface Consumers {
  /** Joins the groups; resolves when all have. */
  join(producer: Pick<RecordProducer, 'describe'>, handlers: ConsumerHandlers): Promise<void>;
  /** True once {@link join} has resolved. */
  readonly joined: boolean;
  /**
   * Reads these topics from now on: joins groups that are new, tells others of their topics, leaves what is not read any
   * more. Resolves when all have answered, after about ten seconds at most: what takes longer goes on.
   *
   * @throws Error with a sentence when a new group can't be joined; the others are as asked for
   */
  change(config: Pick<ProcessorConfig, 'topics'>): Promise<void>;
  /** Joins all groups again, by the settings as they are now; what runs ends first. Resolves as {@link change} does. */
  rejoin(reason: string): Promise<void>;
  /** Acts on the consumer that reads a topic; when it is there, where its first records come before that. */
  act(topic: string, action: (consumer: RequestConsumer) => void): void;
  all(): RequestConsumer[];
  /** These topics were deleted and made again. */
  renew(topics: readonly string[]): void;
  /** Why a group is not read: a sentence each. */
  troubles(): string[];
  /** Gives all partitions up. */
  close(): Promise<void>;
}

export interface ConsumersOptions {
  readonly config: ProcessorConfig;
  readonly settings: KafkaSettings;
  readonly createRequestConsumer: KafkaClients['createRequestConsumer'];
  /** Why Kafka does not let us use a group, in a sentence; null when it does, or nothing is known. */
  readonly denied: (group: string) => string | null;
  readonly logger: Pick<Logger, 'warn'>;
  readonly signal: AbortSignal;
}

/** For a group to answer while the service runs, ms: it may wait for other members that finish what they have. */
const ANSWER_MS = 10_000;

/**
 * Prepares one consumer a group; none is made before {@link Consumers.join}.
 *
 * @example
 * const consumers = createConsumers({ config, settings, createRequestConsumer, denied, logger, signal });
 * await consumers.join(producer, handlers);
 * consumers.act('requests', (consumer) => consumer.store('requests', 0, 42));
 */
export function createConsumers(options: ConsumersOptions): Consumers {
  const { config, settings, createRequestConsumer, denied, logger, signal } = options;
  const groups = groupsOf(config);
  const byGroup = new Map<string, RequestConsumer>();
  const byTopic = new Map<string, RequestConsumer>();
  let joined = false;
  let means: { producer: Pick<RecordProducer, 'describe'>; handlers: ConsumerHandlers } | null = null;
  /** Topics whose consumer is being made: it has its first records while that lasts. */
  const awaited = new Set<string>();
  /** Asked for before the consumer was there. */
  let early: { topic: string; action: (consumer: RequestConsumer) => void }[] = [];

  /** Resolves with a member of a group, when it is connected. */
  const make = async (group: string, topics: string[], ended: AbortSignal, answered: () => void) => {
    const { producer, handlers } = means as NonNullable<typeof means>;
    for (const topic of topics) awaited.add(topic);
    try {
      const consumer = await createRequestConsumer({
        settings,
        group,
        protocol: config.group_protocol,
        isolationLevel: config.isolation_level,
        topics,
        signal: ended,
        describe: (names) => producer.describe(names),
        // All consumers together: a quarter of the budget, outside of V8.
        maxPrefetchBytes: config.memory_budget / 4 / Math.max(groups.size, byGroup.size + 1),
        ...handlers,
        onAssigned(partitions) {
          handlers.onAssigned(partitions);
          answered();
        },
      });
      if (signal.aborted) {
        await consumer.close();
        return null;
      }
      byGroup.set(group, consumer);
      for (const topic of topics) byTopic.set(topic, consumer);
      const asked = early.filter(({ topic }) => topics.includes(topic));
      for (const { action } of asked) action(consumer);
      return consumer;
    } finally {
      for (const topic of topics) awaited.delete(topic);
      early = early.filter(({ topic }) => !topics.includes(topic));
    }
  };
  const forget = (consumer: RequestConsumer, topics: readonly string[]) => {
    for (const topic of topics) if (byTopic.get(topic) === consumer) byTopic.delete(topic);
  };

  /** Joins a group that nobody here was in. */
  const enter = async (group: string, topics: string[]): Promise<void> => {
    let tell = () => {};
    const answer = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const consumer = await make(group, topics, AbortSignal.any([signal, timeoutSignal(ANSWER_MS)]), tell);
    if (consumer === null) return;
    const inTime = await within(ANSWER_MS, answer);
    const trouble = inTime ? null : (denied(group) ?? consumer.trouble());
    if (trouble !== null) {
      byGroup.delete(group);
      forget(consumer, topics);
      await consumer.close();
      throw new Error(trouble);
    }
    if (!inTime)
      logger.warn(`consumer group ${group} has given no assignment in ${ANSWER_MS / 1000} s: it is waited for`);
    groups.set(group, topics);
  };
  /** Tells a group that other topics are read. */
  const turn = async (group: string, topics: string[]): Promise<void> => {
    const consumer = byGroup.get(group);
    const before = groups.get(group) ?? [];
    groups.set(group, topics);
    if (consumer === undefined || isDeepStrictEqual(before, topics)) return;
    for (const topic of topics) byTopic.set(topic, consumer);
    const answer = consumer.subscribe(topics).then(() => {
      const now = groups.get(group) ?? [];
      const gone = before.filter((topic) => !now.includes(topic));
      forget(consumer, gone);
    });
    await within(ANSWER_MS, answer);
  };
  const leave = async (group: string): Promise<void> => {
    const consumer = byGroup.get(group);
    const topics = groups.get(group) ?? [];
    groups.delete(group);
    byGroup.delete(group);
    if (consumer === undefined) return;
    await within(
      ANSWER_MS,
      consumer.close().finally(() => forget(consumer, topics)),
    );
  };

  return {
    get joined() {
      return joined;
    },
    async join(producer, handlers) {
      means = { producer, handlers };
      await Promise.all([...groups].map(([group, topics]) => make(group, topics, signal, () => undefined)));
      joined = true;
    },
    async change(next) {
      const wanted = groupsOf(next);
      const left = [...groups.keys()].filter((group) => !wanted.has(group)).map(leave);
      const changed = [...wanted].map(([group, topics]) => (groups.has(group) ? turn : enter)(group, topics));
      const ended = await Promise.allSettled([...left, ...changed]);
      for (const one of ended) if (one.status === 'rejected') throw one.reason;
    },
    async rejoin(reason) {
      await within(ANSWER_MS, Promise.all([...byGroup.values()].map((consumer) => consumer.rejoin(reason))));
    },
    act(topic, action) {
      const consumer = byTopic.get(topic);
      if (consumer !== undefined) action(consumer);
      else if (!joined || awaited.has(topic)) early.push({ topic, action });
    },
    all: () => [...byGroup.values()],
    renew(remade) {
      const reason = `deleted and made again: ${remade.join(', ')}`;
      for (const [group, topics] of groups) {
        if (topics.some((topic) => remade.includes(topic))) byGroup.get(group)?.renew(reason);
      }
    },
    troubles: () =>
      [...groups.keys()].flatMap((group) => {
        const consumer = byGroup.get(group);
        if (consumer === undefined) return [`consumer group ${group} was not joined yet`];
        const trouble = consumer.trouble();
        if (trouble !== null) return [trouble];
        return consumer.healthy()
          ? []
          : [`consumer group ${group} has no assignment yet, or its reader is being made anew`];
      }),
    async close() {
      await Promise.all([...new Set([...byGroup.values(), ...byTopic.values()])].map((consumer) => consumer.close()));
    },
  };
}
