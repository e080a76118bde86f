import type { KafkaSettings, RecordProducer } from '@kafka-http-proxy/kafka';
import type { ProcessorConfig } from '@kafka-http-proxy/protocol';
import type { KafkaClients } from './clients.js';
import { creationOf } from './needs.js';

/** What topics are looked for, or made, by. */
export interface ProvideTools {
  readonly settings: KafkaSettings;
  readonly clients: Pick<KafkaClients, 'ensureTopics'>;
  /** Null while Kafka was not reached. */
  readonly producer: Pick<RecordProducer, 'describe'> | null;
  readonly signal: AbortSignal;
}

/** For topics that a configuration needs while the service runs, ms. */
const PROVIDE_MS = 10_000;

/** Makes topics that are missing, where the configuration says so. @throws Error with a sentence where there are none then */
export async function provide(
  topics: readonly string[],
  config: Pick<ProcessorConfig, 'kafka'>,
  { settings, clients, producer, signal }: ProvideTools,
): Promise<void> {
  if (config.kafka.create_topics) {
    await clients.ensureTopics(settings, topics, { ...creationOf(config), timeoutMs: PROVIDE_MS, signal });
    return;
  }
  const states = await producer?.describe(topics);
  const missing = topics.filter((topic) => states?.get(topic) === null);
  if (missing.length > 0) throw new Error(`missing in Kafka: ${missing.join(', ')}. create_topics is false: make them`);
}
