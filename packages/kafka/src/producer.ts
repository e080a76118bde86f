import { describeDenial } from './access.js';
import { createAvailability } from './availability.js';
import { CODE } from './errors.js';
import { openSession, type ProducerSession } from './producer-session.js';
import { clientConfig } from './settings.js';
import { pause } from './timing.js';
import {
  type Compression,
  KafkaClientFault,
  KafkaSendError,
  type KafkaSettings,
  type RecordProducer,
} from './types.js';

export interface ProducerOptions {
  /** How long a record may wait for its acknowledgement, retries included, ms. */
  readonly messageTimeoutMs: number;
  /** How long a record may wait for others to share its batch, ms, fractions allowed; 0 when left out. */
  readonly lingerMs?: number;
  /** Codec of every batch; none when left out. */
  readonly compression?: Compression;
  /**
   * False where others name the topics: a record for one that is not there then creates none, whatever the brokers
   * and the operator's properties would do. Left out: as the brokers do it (librdkafka asks its producers' topics
   * to be created by default).
   */
  readonly createsTopics?: boolean;
  /** Ends the attempts to connect. */
  readonly signal?: AbortSignal;
}

/** How long a topic that was just created by asking may take to appear, ms. */
const APPEARS_MS = 1000;

/** How long the question for what is denied may take, ms. */
const DENIED_MS = 2000;

/**
 * A producer with acks=all and idempotence. Resolves when it is connected, however long that takes.
 *
 * A fatal error of an idempotent producer ends it for good (librdkafka's INTRODUCTION.md,
 * "Idempotent Producer"); it is replaced by a new one, and until then nothing can be sent.
 *
 * @throws {KafkaClientFault} when the configuration is refused, or `signal` was aborted first
 */
export async function createProducer(settings: KafkaSettings, options: ProducerOptions): Promise<RecordProducer> {
  const config = clientConfig(
    settings,
    'producer',
    {
      acks: 'all',
      'enable.idempotence': true,
      'linger.ms': options.lingerMs ?? 0,
      ...(options.compression && { 'compression.codec': options.compression }),
      'message.timeout.ms': Math.max(1, Math.round(options.messageTimeoutMs)),
      // Records for a topic that does not exist fail after this, not after the default of 30 s.
      'topic.metadata.propagation.max.ms': 2000,
    },
    {
      dr_cb: true,
      'delivery.report.only.error': false,
      ...(options.createsTopics === false && { 'allow.auto.create.topics': false }),
    },
  );
  const closing = new AbortController();
  const ended = options.signal ? AbortSignal.any([options.signal, closing.signal]) : closing.signal;
  let session: ProducerSession | null = null;
  let closed: Promise<void> | undefined;

  const availability = createAvailability(async () => {
    if (session === null) throw new KafkaSendError('unavailable', 'the producer is being made anew', CODE.fatal);
    await session.probe();
  });
  const events = {
    down: availability.down,
    slow: availability.suspect,
    fatal(reason: string) {
      const dead = session;
      if (dead === null || closing.signal.aborted) return;
      session = null;
      availability.down();
      settings.events.restarted('producer', reason);
      void replace(dead);
    },
  };
  const replace = async (dead: ProducerSession): Promise<void> => {
    await dead.close(0);
    try {
      session = await openSession(settings, config, events, closing.signal);
      if (closing.signal.aborted) await session.close(0);
    } catch {
      // Only closing ends the attempts: the configuration has been accepted before.
    }
  };
  const shut = async (timeoutMs: number): Promise<void> => {
    closing.abort();
    availability.stop();
    await session?.close(timeoutMs);
  };

  session = await openSession(settings, config, events, ended);

  const producer: RecordProducer = {
    send(record, settled) {
      if (session !== null && !closing.signal.aborted) session.send(record, settled);
      else queueMicrotask(() => settled(notOpen(record.topic)));
    },
    deliver: (record) =>
      new Promise((resolve, reject) => {
        producer.send(record, (error) => (error ? reject(error) : resolve()));
      }),
    async partitionsOf(topic, timeoutMs = 5000) {
      const endAt = Date.now() + timeoutMs;
      const appearsBy = Date.now() + Math.min(APPEARS_MS, timeoutMs);
      for (;;) {
        if (session === null) throw new KafkaClientFault(`metadata of ${topic}: the producer is not open`, CODE.state);
        const count = await session.partitionsOf(topic, endAt - Date.now());
        if (count > 0) return count;
        if (Date.now() >= appearsBy) break;
        await pause(50, closing.signal);
      }
      // The package drops why there are none. What is not even to be seen is not missing.
      const [hidden] = await producer
        .denied([{ resource: 'topic', name: topic, operations: ['Describe'] }])
        .catch(() => []);
      if (hidden) throw new KafkaClientFault(describeDenial(hidden), CODE.topicNotAuthorized);
      return 0;
    },
    async denied(needs) {
      // The embedded broker, which needs this property, does not answer, and has no ACLs.
      if (String(settings.properties['allow.auto.create.topics']) === 'true') return [];
      if (session === null)
        throw new KafkaClientFault('asking for what is allowed: the producer is not open', CODE.state);
      return await session.denied(needs, DENIED_MS);
    },
    available: () => session !== null && availability.available(),
    close: (timeoutMs) => (closed ??= shut(timeoutMs)),
  };
  return producer;
}

function notOpen(topic: string): KafkaSendError {
  return new KafkaSendError('unavailable', `${topic}: the producer is not open`, CODE.state);
}
