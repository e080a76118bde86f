import type { KafkaSettings, RecordProducer, RequestConsumer, RequestConsumerOptions } from '@kafka-http-proxy/kafka';
import type { ProcessorConfig } from '@kafka-http-proxy/protocol';
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
  readonly signal: AbortSignal;
}

/**
 * Prepares one consumer a group; none is made before {@link Consumers.join}.
 *
 * @example
 * const consumers = createConsumers({ config, settings, createRequestConsumer, signal });
 * await consumers.join(producer, handlers);
 * consumers.act('requests', (consumer) => consumer.store('requests', 0, 42));
 */
export function createConsumers({ config, settings, createRequestConsumer, signal }: ConsumersOptions): Consumers {
  const groups = groupsOf(config);
  const byTopic = new Map<string, RequestConsumer>();
  /** Asked for before the consumer was there: it has its first records while it is still being made. */
  let early: { topic: string; action: (consumer: RequestConsumer) => void }[] = [];
  const all = () => [...new Set(byTopic.values())];

  const join = async (
    group: string,
    topics: string[],
    producer: Pick<RecordProducer, 'describe'>,
    handlers: ConsumerHandlers,
  ): Promise<void> => {
    const consumer = await createRequestConsumer({
      settings,
      group,
      protocol: config.group_protocol,
      isolationLevel: config.isolation_level,
      topics,
      signal,
      describe: (names) => producer.describe(names),
      // All consumers together: a quarter of the budget, outside of V8.
      maxPrefetchBytes: config.memory_budget / 4 / groups.size,
      ...handlers,
    });
    if (signal.aborted) return consumer.close();
    for (const topic of topics) byTopic.set(topic, consumer);
    const asked = early.filter(({ topic }) => topics.includes(topic));
    early = early.filter(({ topic }) => !topics.includes(topic));
    for (const { action } of asked) action(consumer);
  };

  return {
    async join(producer, handlers) {
      await Promise.all([...groups].map(([group, topics]) => join(group, topics, producer, handlers)));
    },
    act(topic, action) {
      const consumer = byTopic.get(topic);
      if (consumer === undefined) early.push({ topic, action });
      else action(consumer);
    },
    all,
    renew(remade) {
      const reason = `deleted and made again: ${remade.join(', ')}`;
      for (const topics of groups.values()) {
        if (topics.some((topic) => remade.includes(topic))) byTopic.get(topics[0] as string)?.renew(reason);
      }
    },
    troubles: () =>
      [...groups].flatMap(([group, topics]) => {
        const consumer = byTopic.get(topics[0] as string);
        if (consumer === undefined) return [`consumer group ${group} was not joined yet`];
        const trouble = consumer.trouble();
        if (trouble !== null) return [trouble];
        return consumer.healthy()
          ? []
          : [`consumer group ${group} has no assignment yet, or its reader is being made anew`];
      }),
    async close() {
      await Promise.all(all().map((consumer) => consumer.close()));
    },
  };
}
