import type { RecordProducer } from '../port/producer.js';
import type { Compression } from '../port/records.js';
import type { KafkaSettings } from '../port/settings.js';
import { createKeyLanes } from './key-lanes.js';
import { createProducer, type ProducerOptions } from './producer.js';

/** A producer that knows several codecs. */
export interface AdaptiveProducer extends RecordProducer {
  /** Records may ask for these too from now on. @throws {KafkaClientFault} as {@link createAdaptiveProducer} */
  addCodecs(codecs: readonly Compression[]): Promise<void>;
}

/** What an adaptive producer may do to batches. */
export interface AdaptiveOptions extends Omit<ProducerOptions, 'compression' | 'lingerMs'> {
  /** What records may ask for; others are not compressed. */
  readonly codecs: readonly Compression[];
  /** Requests that are under way in this process, that of the record included: with many, batches are worth a wait. */
  readonly inFlight: () => number;
  /** How long an unordered record waits for others when there are many, ms; 1 when left out. */
  readonly lingerMs?: number;
}

/** Up to so many requests under way, a record is sent at once. */
const PROMPT_UP_TO = 4;

/** ms. */
const LINGER_MS = 1;

/** librdkafka's names of it. */
const LINGER = ['linger.ms', 'queue.buffering.max.ms'];

/**
 * A producer for records that differ in what they need. librdkafka's linger and its codec are those of a whole
 * producer, so it has several: one that sends at once, one that gathers batches, which cost the brokers and both
 * ends far less when there are many requests (docs/performance.md), and one for each codec.
 *
 * `unordered` records are gathered while there are many requests. So are those with a key, as long as no record of
 * their key is under way on the other producer: they keep their order. What is ordered and has no key goes on the
 * one that sends at once. Where the operator has set `linger.ms`, that is for all.
 *
 * @throws {KafkaClientFault} as {@link createProducer}, and for a codec that this build lacks
 * @example
 * const pending = new Map<string, unknown>();
 * const producer = await createAdaptiveProducer(settings, {
 *   messageTimeoutMs: 30_000,
 *   codecs: ['lz4'],
 *   inFlight: () => pending.size,
 * });
 */
export async function createAdaptiveProducer(
  settings: KafkaSettings,
  { codecs, inFlight, lingerMs = LINGER_MS, ...options }: AdaptiveOptions,
): Promise<AdaptiveProducer> {
  const adaptive = LINGER.every((name) => settings.properties[name] === undefined);
  const kinds = [...new Set(codecs)];
  const [prompt, gathering, ...compressing] = await allOrNone([
    createProducer(settings, options),
    adaptive ? createProducer(settings, { ...options, lingerMs }) : null,
    ...kinds.map((compression) => createProducer(settings, { ...options, compression })),
  ]);
  const sendsAtOnce = prompt as RecordProducer;
  const byCodec = new Map(kinds.map((codec, i) => [codec, compressing[i] as RecordProducer]));
  const all = [prompt, gathering, ...compressing].filter((producer) => producer != null);

  const byLoad = (): RecordProducer => (gathering && inFlight() > PROMPT_UP_TO ? gathering : sendsAtOnce);
  const lanes = createKeyLanes(byLoad);
  const send: RecordProducer['send'] = (record, settled) => {
    const { compression, unordered, key, topic } = record;
    const compressed = compression && byCodec.get(compression);
    if (compressed) compressed.send(record, settled);
    else if (unordered) byLoad().send(record, settled);
    else if (key === null || gathering === null) sendsAtOnce.send(record, settled);
    else {
      const lane = lanes.enter(topic, key);
      lane.way.send(record, (error) => {
        lane.settled();
        settled(error);
      });
    }
  };
  return {
    send,
    async addCodecs(wanted) {
      const fresh = [...new Set(wanted)].filter((codec) => !byCodec.has(codec));
      const made = await allOrNone(fresh.map((compression) => createProducer(settings, { ...options, compression })));
      for (const [i, producer] of made.entries()) {
        byCodec.set(fresh[i] as Compression, producer as RecordProducer);
        all.push(producer as RecordProducer);
      }
    },
    deliver: (record) =>
      new Promise((resolve, reject) => {
        send(record, (error) => (error ? reject(error) : resolve()));
      }),
    async partitionsOf(topic, timeoutMs) {
      // Each has metadata of its own.
      const counts = await Promise.all(all.map((producer) => producer.partitionsOf(topic, timeoutMs)));
      return Math.min(...counts);
    },
    denied: sendsAtOnce.denied,
    describe: sendsAtOnce.describe,
    async renew(reason) {
      await Promise.all(all.map((producer) => producer.renew(reason)));
    },
    available: () => all.every((producer) => producer.available()),
    async close(timeoutMs) {
      await Promise.all(all.map((producer) => producer.close(timeoutMs)));
    },
  };
}

/** All of them; where one can't be had, the others are closed. @throws what the first one threw */
async function allOrNone(making: (Promise<RecordProducer> | null)[]): Promise<(RecordProducer | null)[]> {
  const made = await Promise.allSettled(making);
  const failed = made.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined;
  const producers = made.map((one) => (one.status === 'fulfilled' ? one.value : null));
  if (failed === undefined) return producers;
  await Promise.all(producers.map((producer) => producer?.close(0)));
  throw failed.reason;
}
