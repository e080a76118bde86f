import kafka, {
  type ConsumerGlobalConfig,
  type ConsumerTopicConfig,
  type KafkaConsumer,
  type Producer,
  type ProducerGlobalConfig,
} from '@confluentinc/kafka-javascript';
import type { BrokerUnderTest } from '@kafka-http-proxy/testkit';

/*
 * The Kafka client with nothing of ours around it, set up as `packages/kafka` sets it up: what the
 * floor has over the bridge is to be less work, not other settings.
 */

export interface ClientJob {
  readonly broker: BrokerUnderTest;
  readonly topic: string;
}

/** Body bytes of a record, as `record_bytes` has it. */
export const RECORD_BYTES = 262_144;

/**
 * Bytes that may be on their way to Kafka, unacknowledged: four records. With five records of a
 * partition in flight and further ones queued, the thread of an idempotent librdkafka producer waits
 * for their acknowledgement in a busy loop (2.15.1: rd_kafka_toppar_producer_serve), which costs a core.
 */
const UNACKNOWLEDGED_BYTES = 4 * RECORD_BYTES;

const COMMON = { 'client.id': 'bench', 'socket.nagle.disable': true };

/** Writes records to one partition, as fast as they are acknowledged. */
export interface RecordStream {
  /** Takes a record; the promise is there where the next one has to wait for it. */
  write(value: Buffer | null): Promise<void> | undefined;
  /** Resolves when all are acknowledged. */
  flushed(): Promise<void>;
}

/** A connected producer, with further properties. */
export async function openProducer(broker: BrokerUnderTest, properties: ProducerGlobalConfig): Promise<Producer> {
  const producer: Producer = new kafka.Producer({
    ...COMMON,
    ...broker.properties,
    'bootstrap.servers': broker.bootstrapServers,
    acks: -1,
    'enable.idempotence': true,
    'message.max.bytes': 1_040_000,
    ...properties,
  });
  await connected(producer);
  producer.setPollInBackground(true);
  return producer;
}

export async function openRecordStream({ broker, topic }: ClientJob): Promise<RecordStream> {
  const producer = await openProducer(broker, { 'linger.ms': 0, dr_cb: true });
  let unacknowledged = 0;
  let waiting: { readonly below: number; resolve(): void; reject(error: Error): void }[] = [];
  let failed: Error | undefined;
  producer.on('delivery-report', (error, { opaque }) => {
    unacknowledged -= opaque as number;
    if (error) failed ??= new Error(`a record was not written: ${error.message}`);
    const ready = waiting.filter(({ below }) => failed !== undefined || unacknowledged <= below);
    waiting = waiting.filter((one) => !ready.includes(one));
    for (const { resolve, reject } of ready) {
      if (failed === undefined) resolve();
      else reject(failed);
    }
  });
  const until = (below: number): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push({ below, resolve, reject });
    });
  return {
    write(value) {
      const bytes = Math.max(1, value?.length ?? 0);
      producer.produce(topic, 0, value, null, null, bytes);
      unacknowledged += bytes;
      return unacknowledged >= UNACKNOWLEDGED_BYTES ? until(UNACKNOWLEDGED_BYTES - RECORD_BYTES) : undefined;
    },
    flushed: () => (unacknowledged === 0 ? Promise.resolve() : until(0)),
  };
}

/** A connected consumer that reads nothing yet, with further properties. */
export async function openConsumer(
  { broker, topic }: ClientJob,
  properties: ConsumerGlobalConfig & ConsumerTopicConfig,
): Promise<KafkaConsumer> {
  const consumer: KafkaConsumer = new kafka.KafkaConsumer({
    ...COMMON,
    ...broker.properties,
    'bootstrap.servers': broker.bootstrapServers,
    'group.id': topic,
    'fetch.wait.max.ms': 100,
    'fetch.queue.backoff.ms': 5,
    'fetch.error.backoff.ms': 50,
    'queued.max.messages.kbytes': 16_384,
    ...properties,
  });
  await connected(consumer);
  consumer.setDefaultConsumeLoopTimeoutDelay(0);
  consumer.setDefaultConsumeTimeout(50);
  return consumer;
}

/** A consumer that reads the topic's one partition from its beginning. */
export async function openReader(job: ClientJob): Promise<KafkaConsumer> {
  const consumer = await openConsumer(job, { 'enable.auto.commit': false, 'queued.min.messages': 10_000 });
  consumer.assign([{ topic: job.topic, partition: 0, offset: 0 }]);
  return consumer;
}

async function connected(client: Producer | KafkaConsumer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.connect({ allTopics: false, timeout: 10_000 }, (error) => (error ? reject(error) : resolve()));
  });
}
