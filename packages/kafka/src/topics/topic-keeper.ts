import type { RecordProducer } from '../port/producer.js';
import type { KafkaSettings } from '../port/settings.js';
import { ensureTopics, type TopicCreation } from './ensure-topics.js';
import { createTopicWatch } from './topic-watch.js';

/** Sees to it that the configured topics are there, for as long as the process lives, and are the ones they were. */
export interface TopicKeeper {
  /** Looks now, and from then on again and again. Never rejects. */
  keep(): Promise<void>;
  /** A sentence for each topic that is needed and missing. */
  troubles(): string[];
  /** Keeps these from the next look on, and no others. */
  change(kept: KeptTopics): void;
}

/** Which topics are kept, and how. */
export interface KeptTopics {
  /** Without these nothing works. */
  readonly needed: readonly string[];
  /** These are made too, and missed by nobody. */
  readonly optional: readonly string[];
  /** These may be missing: they are only watched. */
  readonly watched?: readonly string[];
  /** How missing ones are made; null: by somebody else (`create_topics: false`). */
  readonly creation: Pick<TopicCreation, 'partitions' | 'replicationFactor'> | null;
}

/** Which topics are kept, how, and who hears of it. */
export interface TopicKeeperOptions extends KeptTopics {
  readonly settings: KafkaSettings;
  /** Null while Kafka was not reached. */
  readonly producer: () => RecordProducer | null;
  /**
   * These were deleted and created again. The producer has been recreated. Whatever else knows them has to be
   * recreated too, offsets and addresses included.
   */
  readonly onRemade: (topics: readonly string[]) => void;
  readonly logger: Readonly<Record<'error' | 'warn' | 'info', (sentence: string) => void>>;
  readonly signal: AbortSignal;
  readonly ensure?: typeof ensureTopics;
}

/** For making what is missing, ms. */
const CREATE_MS = 10_000;

/**
 * Watches the topics that a service needs: creates those that are missing, and says when one was deleted and created again.
 *
 * @example
 * const keeper = createTopicKeeper({
 *   settings,
 *   needed: ['orders'],
 *   optional: ['dead-letters'],
 *   creation: { partitions: 12, replicationFactor: 3 },
 *   producer: () => producer,
 *   onRemade: (topics) => reader.renew(topics),
 *   logger: console,
 *   signal: closing.signal,
 * });
 * await keeper.keep();
 */
export function createTopicKeeper(options: TopicKeeperOptions): TopicKeeper {
  const { settings, producer, onRemade, logger, signal, ensure = ensureTopics } = options;
  let kept: KeptTopics = options;
  const seen = new Set<string>();
  let told = '';

  const make = async (found: readonly string[]): Promise<void> => {
    const { needed, optional, creation } = kept;
    const missing = found.filter((topic) => needed.includes(topic) || optional.includes(topic));
    if (missing.length === 0) return;
    const names = missing.join(', ');
    const isNew = told !== names;
    told = names;
    if (creation === null) {
      if (isNew) logger.error(`missing in Kafka: ${names}. create_topics is false: make them`);
      return;
    }
    const areGone = missing.some((topic) => seen.has(topic));
    if (isNew && areGone) logger.warn(`missing in Kafka: ${names}. They are made again`);
    await ensure(settings, missing, { ...creation, timeoutMs: CREATE_MS, signal });
    if (areGone) logger.info(`made again: ${names}`);
    told = '';
  };
  const watch = createTopicWatch({
    topics: () => [...new Set([...kept.needed, ...kept.optional, ...(kept.watched ?? [])])],
    describe: async (topics) => {
      const client = producer();
      if (client === null) throw new Error('Kafka was not reached yet');
      const states = await client.describe(topics);
      for (const [topic, state] of states) if (state !== null) seen.add(topic);
      return states;
    },
    onMissing: make,
    async onRemade(topics) {
      const sentence = `deleted and made again: ${topics.join(', ')}`;
      logger.warn(`${sentence}. What was known of them is forgotten`);
      await producer()?.renew(sentence);
      if (!signal.aborted) onRemade(topics);
    },
    signal,
  });
  const lacking = () => watch.missing().filter((topic) => kept.needed.includes(topic));

  return {
    keep: watch.check,
    troubles: () =>
      lacking().map((topic) =>
        kept.creation === null
          ? `topic ${topic} does not exist: make it (create_topics is false)`
          : `topic ${topic} does not exist: it is being made again`,
      ),
    change(next) {
      kept = next;
    },
  };
}
