import { describeDenial } from '../client/access.js';
import { CODE } from '../client/errors.js';
import type { RdConfig } from '../client/librdkafka.js';
import { isReachable } from '../client/reachable.js';
import { clientConfig } from '../client/settings.js';
import { pause } from '../client/timing.js';
import { KafkaClientFault, KafkaSendError } from '../port/failures.js';
import type { RecordProducer } from '../port/producer.js';
import type { Compression } from '../port/records.js';
import type { KafkaSettings } from '../port/settings.js';
import { createAvailability } from './availability.js';
import { openSession, type ProducerSession } from './producer-session.js';

/** What a producer may do with records. */
export interface ProducerOptions {
  /** How long a record may wait for its acknowledgement, retries included, ms; a function is asked for each client anew. */
  readonly messageTimeoutMs: number | (() => number);
  /** How long a record may wait for others to share its batch, ms, fractions allowed; 0 when left out. */
  readonly lingerMs?: number;
  /** False: no topic is created by writing to it, whatever the brokers do by themselves. True when left out. */
  readonly createsTopics?: boolean;
  /** Most bytes of records that wait for Kafka; librdkafka's 1 GiB when left out. */
  readonly maxQueuedBytes?: number;
  /** Codec of every batch; none when left out. */
  readonly compression?: Compression;
  /** Ends the attempts to connect. */
  readonly signal?: AbortSignal;
}

/** How long a topic that was just created by asking may take to appear, ms. */
const APPEARS_MS = 1000;

/** How long the question for what is denied may take, ms. */
const DENIED_MS = 2000;
const DESCRIBE_MS = 3000;

/** Between two probes of a Kafka that is away, ms. */
const PROBE_MS = 1000;

/** How long a client that was replaced may still deliver what it has, ms. */
const LAST_WORDS_MS = 5000;

/**
 * A producer with acks=all and idempotence. Resolves when it is connected, however long that takes.
 *
 * A fatal error of an idempotent producer ends it for good (librdkafka's INTRODUCTION.md,
 * "Idempotent Producer"); it is replaced by a new one, and until then nothing can be sent.
 *
 * @throws {KafkaClientFault} when the configuration is refused, or `signal` was aborted first
 * @example
 * const producer = await createProducer(settings, { messageTimeoutMs: 30_000 });
 * await producer.deliver({ topic: 'orders', partition: null, key: 'a', value: Buffer.from('1'), headers: [] });
 * await producer.close(5_000);
 */
export async function createProducer(settings: KafkaSettings, options: ProducerOptions): Promise<RecordProducer> {
  const closing = new AbortController();
  const ended = options.signal ? AbortSignal.any([options.signal, closing.signal]) : closing.signal;
  /** Read for each client anew: properties may have been replaced. */
  const config = () => producerConfig(settings, options);
  let session: ProducerSession | null = null;
  let closed: Promise<void> | undefined;

  const probe = async (): Promise<void> => {
    if (session === null) throw new KafkaSendError('unavailable', 'the producer is being made anew', CODE.fatal);
    await session.probe();
  };
  const availability = createAvailability(probe, PROBE_MS, async () => {
    if (session !== null && (await isReachable(settings))) void renew('Kafka can be reached, but not by this client');
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
  /** Opened before the other is closed: meanwhile that one does what it can. */
  const renew = async (reason: string): Promise<void> => {
    const dead = session;
    if (dead === null || closing.signal.aborted) return;
    settings.events.restarted('producer', reason);
    const next = await openSession(settings, config, events, closing.signal).catch(() => null);
    if (next === null) return;
    // Another was made meanwhile, or none is wanted any more.
    if (session !== dead || closing.signal.aborted) return await next.close(0);
    session = next;
    availability.suspect();
    await dead.close(LAST_WORDS_MS);
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
      // The embedded broker does not answer, and has no ACLs.
      if (isEmbedded(settings)) return [];
      if (session === null)
        throw new KafkaClientFault('asking for what is allowed: the producer is not open', CODE.state);
      return await session.denied(needs, DENIED_MS);
    },
    async describe(topics) {
      if (session === null) throw new KafkaClientFault('looking at the topics: the producer is not open', CODE.state);
      return await session.describe(topics, isEmbedded(settings), DESCRIBE_MS);
    },
    renew,
    available: () => session !== null && availability.available(),
    close: (timeoutMs) => (closed ??= shut(timeoutMs)),
  };
  return producer;
}

/** The embedded broker needs this property, and has neither ACLs nor ids of topics. */
export function isEmbedded({ properties }: KafkaSettings): boolean {
  return String(properties['allow.auto.create.topics']) === 'true';
}

/** librdkafka takes 1 KiB to 2 GiB; some records have to fit in any case. */
function queueKilobytes(bytes: number): number {
  return Math.min(2_097_151, Math.max(8192, Math.floor(bytes / 1024)));
}

function notOpen(topic: string): KafkaSendError {
  return new KafkaSendError('unavailable', `${topic}: the producer is not open`, CODE.state);
}

/** The configuration of such a producer. */
export function producerConfig(settings: KafkaSettings, options: Omit<ProducerOptions, 'signal'>): RdConfig {
  const { messageTimeoutMs: timeoutMs } = options;
  return clientConfig(
    settings,
    'producer',
    {
      acks: 'all',
      'enable.idempotence': true,
      'linger.ms': options.lingerMs ?? 0,
      ...(options.maxQueuedBytes && { 'queue.buffering.max.kbytes': queueKilobytes(options.maxQueuedBytes) }),
      ...(options.compression && { 'compression.codec': options.compression }),
      'message.timeout.ms': Math.max(1, Math.round(typeof timeoutMs === 'function' ? timeoutMs() : timeoutMs)),
      // Records for a topic that does not exist fail after this, not after the default of 30 s.
      'topic.metadata.propagation.max.ms': 2000,
    },
    {
      dr_cb: true,
      'delivery.report.only.error': false,
      ...(options.createsTopics === false && { 'allow.auto.create.topics': false }),
    },
  );
}
