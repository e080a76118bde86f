import {
  createAdaptiveProducer,
  createInboxReader,
  createRequestConsumer,
  ensureTopics,
  type KafkaSettings,
} from '@kafka-http-proxy/kafka';
import type { ProcessorConfig } from '@kafka-http-proxy/protocol';

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

/** What the clients are made with, by the configuration. @param host name of this machine */
export function kafkaSettings(
  { kafka }: Pick<ProcessorConfig, 'kafka'>,
  host: string,
  events: NonNullable<KafkaSettings['events']>,
): KafkaSettings {
  return {
    bootstrapServers: kafka.bootstrap_servers,
    clientId: `kafka-processor-${host}`,
    properties: kafka.properties,
    maxRecordBytes: kafka.max_record_bytes,
    events,
  };
}

/** A client that only asks what Kafka allows. */
export function openToAsk({ createProducer }: KafkaClients, settings: KafkaSettings, signal: AbortSignal) {
  const nothing = { codecs: [], inFlight: () => 0, createsTopics: false };
  return createProducer(settings, { messageTimeoutMs: ASK_MS, signal, ...nothing });
}

/** It writes nothing, ms. */
const ASK_MS = 10_000;
