import { deniedTopics } from '../client/access.js';
import { connect, disconnect, metadata } from '../client/connect.js';
import { CODE, clientError, errorCode, sendError } from '../client/errors.js';
import { librdkafka, type RdConfig, type RdError, type RdProducer, type RdReport } from '../client/librdkafka.js';
import { createQuestions } from '../client/questions.js';
import { endsWithin, holdsWithin, pause } from '../client/timing.js';
import type { AccessNeed, DeniedAccess } from '../port/access.js';
import { KafkaClientFault, KafkaSendError } from '../port/failures.js';
import type { OutgoingRecord, WrittenAt } from '../port/records.js';
import type { KafkaSettings } from '../port/settings.js';
import type { TopicStates } from '../port/topics.js';
import { appearing, leadersServe } from '../topics/leaders-serve.js';
import { describeTopics, listTopics } from '../topics/topic-states.js';
import { createFirstUse } from './first-use.js';
import { Unsettled } from './unsettled.js';

/** Called once with the outcome of a record: null when Kafka has it, and where. */
export type Settled = (error: KafkaSendError | null, at?: WrittenAt) => void;

/** What the delivery report of a record brings back: librdkafka's opaque. */
class Pending {
  readonly sentMs = performance.now();
  #settled: Settled | null;

  constructor(
    readonly topic: string,
    settled: Settled,
  ) {
    this.#settled = settled;
  }

  get waits(): boolean {
    return this.#settled !== null;
  }

  /** The function to call, the first time. */
  take(): Settled | null {
    const settled = this.#settled;
    this.#settled = null;
    return settled;
  }
}

/** One connected librdkafka producer and the records that it has not answered for. */
export interface ProducerSession {
  send(record: OutgoingRecord, settled: Settled): void;
  partitionsOf(topic: string, timeoutMs: number): Promise<number>;
  /** Which of these Kafka denies. @throws {KafkaClientFault} when no broker answers in time */
  denied(needs: readonly AccessNeed[], timeoutMs: number): Promise<DeniedAccess[]>;
  /** What Kafka says of these topics. @param listed whether the brokers only answer to the question for all. @throws {KafkaClientFault} */
  describe(topics: readonly string[], listed: boolean, timeoutMs: number): Promise<TopicStates>;
  /** Resolves when a broker answers. @throws {KafkaClientFault} */
  probe(): Promise<void>;
  /** Flushes for at most `timeoutMs`, disconnects, and settles what is left as `unavailable`. */
  close(timeoutMs: number): Promise<void>;
}

/** What a session of a producer reports to its owner. */
export interface SessionEvents {
  /** No broker is connected. */
  down(): void;
  /** A record waits long for its acknowledgement, or waited in vain: Kafka may hang without a connection being lost. */
  slow(): void;
  /** The client can send nothing more (idempotence was broken): it must be recreated. */
  fatal(reason: string): void;
}

/** Time after a flush in which the last reports cross from librdkafka's thread to ours, ms. */
const LAST_REPORTS_MS = 200;

/** A record that waits longer than this for its acknowledgement is a hint that Kafka hangs, ms. */
const OVERDUE_MS = 3000;

/** How soon a topic that was refused because an ACL is missing is tried again, ms. */
const REFUSED_MS = 1000;
const METADATA_MS = 2000;

/** How long a topic that asking may create can take to appear, and its leaders to serve, ms. */
const APPEARS_MS = 1000;
const SERVES_MS = 2000;
const BROKERS_MS = 1000;

/** @throws {KafkaClientFault} as {@link connect} */
export async function openSession(
  settings: KafkaSettings,
  config: () => RdConfig,
  events: SessionEvents,
  signal?: AbortSignal,
): Promise<ProducerSession> {
  let createsTopics = true;
  const make = (): RdProducer => {
    const properties = config();
    createsTopics = properties['allow.auto.create.topics'] !== false;
    const made = new librdkafka.Producer(properties);
    made.on('event.error', (error) => {
      const code = errorCode(error);
      if (code === CODE.allBrokersDown) events.down();
      if (code === CODE.fatal) events.fatal(error.message);
    });
    return made;
  };
  const client = await connect('producer', settings.events, make, signal);
  const admin = librdkafka.AdminClient.createFrom(client);
  const pending = new Unsettled<Pending>();
  const refused = new Set<string>();
  const leaving = new AbortController();
  const questions = createQuestions(client);
  let closed: Promise<void> | undefined;

  const settle = (entry: Pending, error: KafkaSendError | null, at?: WrittenAt): void => {
    const settled = entry.take();
    if (settled === null) return;
    pending.settled();
    settled(error, at);
  };

  /**
   * librdkafka refuses the topic by itself from now on, until new metadata says otherwise; it would
   * ask for that after five minutes.
   */
  const refuse = (error: RdError, topic: string): void => {
    if (refused.has(topic)) return;
    refused.add(topic);
    settings.events.error('producer', { ...clientError(error), message: `${topic}: ${error.message}`, topic });
    void (async () => {
      await pause(REFUSED_MS);
      if (closed === undefined) await metadata(client, topic, METADATA_MS).catch(() => undefined);
      refused.delete(topic);
    })();
  };

  const failed = (entry: Pending, error: RdError): void => {
    if (error.code === CODE.fatal) events.fatal(error.message);
    if (error.code === CODE.topicNotAuthorized) refuse(error, entry.topic);
    settle(entry, sendError(error, entry.topic));
  };

  const report = (error: RdError | null, delivered: RdReport): void => {
    const entry = delivered.opaque as Pending | undefined;
    if (entry === undefined) return;
    if (!error) {
      settle(entry, null, delivered);
      return;
    }
    if (error.code === CODE.timedOutMessage) events.slow();
    failed(entry, error);
  };
  (client as unknown as { on(event: 'delivery-report', listener: typeof report): void }).on('delivery-report', report);
  client.setPollInBackground(true);

  // A broker that stands still keeps its connections for socket.timeout.ms, a minute.
  const watch = setInterval(() => {
    const oldest = pending.oldest();
    if (oldest !== undefined && performance.now() - oldest.sentMs > OVERDUE_MS) events.slow();
  }, OVERDUE_MS / 4);
  watch.unref();

  /**
   * DescribeTopics ends the process (an assertion in rdkafka_admin.c, 2.15.1) where the answer names no broker, as
   * that of one that has just started does; plain metadata is only asked for again then.
   */
  const brokersKnown = async (): Promise<void> => {
    const { brokers } = await metadata(client, '', BROKERS_MS);
    if (brokers.length === 0) throw new KafkaClientFault('Kafka names no broker', CODE.unknownTopicOrPartition);
  };

  const produce = (record: OutgoingRecord, entry: Pending): void => {
    try {
      client.produce(record.topic, record.partition, record.value, record.key, null, entry, record.headers);
    } catch (error) {
      queueMicrotask(() => failed(entry, error as RdError));
    }
  };
  /** What does not appear is librdkafka's to refuse, and what does not serve in time is left to it too. */
  const becomesReady = async (topic: string): Promise<boolean> => {
    const { signal } = leaving;
    const appears = createsTopics ? APPEARS_MS : 0;
    const partitions = await appearing(client, topic, { endAt: Date.now() + appears, signal });
    if (partitions.length === 0) return false;
    await leadersServe(admin, partitions, { endAt: Date.now() + SERVES_MS, signal });
    return true;
  };
  const firstUse = createFirstUse((topic) =>
    questions.ask(`looking at ${topic}`, () => becomesReady(topic)).catch(() => false),
  );

  const shut = async (timeoutMs: number): Promise<void> => {
    clearInterval(watch);
    leaving.abort();
    firstUse.release();
    const endAt = Date.now() + timeoutMs;
    if (client.isConnected()) {
      await new Promise<void>((resolve) => client.flush(Math.max(0, timeoutMs), () => resolve()));
    }
    // At least one turn even with no time: what Kafka has acknowledged must not be called lost.
    await holdsWithin(
      () => pending.oldest() === undefined,
      Math.min(LAST_REPORTS_MS, Math.max(20, endAt - Date.now())),
    );
    await questions.settled();
    await endsWithin(disconnect(client), Math.max(2000, timeoutMs));
    for (const entry of pending.all()) {
      settle(entry, new KafkaSendError('unavailable', `${entry.topic}: the producer was closed`, CODE.destroy));
    }
  };

  return {
    send(record, settled) {
      const entry = new Pending(record.topic, settled);
      pending.add(entry);
      if (firstUse.isOver(record.topic)) produce(record, entry);
      else firstUse.hold(record.topic, () => produce(record, entry));
    },
    async partitionsOf(topic, timeoutMs) {
      const found = await metadata(client, topic, timeoutMs);
      return found.topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
    },
    denied: (needs, timeoutMs) =>
      questions.ask('asking for what is allowed', async () => {
        await brokersKnown();
        return await deniedTopics(admin, needs, timeoutMs);
      }),
    describe: (topics, listed, timeoutMs) =>
      questions.ask('looking at the topics', async () => {
        if (listed) return await listTopics(client, topics, timeoutMs);
        await brokersKnown();
        return await describeTopics(admin, topics, timeoutMs);
      }),
    async probe() {
      await metadata(client, '', 1000);
    },
    close: (timeoutMs) => (closed ??= shut(timeoutMs)),
  };
}
