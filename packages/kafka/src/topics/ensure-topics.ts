import { timeoutSignal } from '@kafka-http-proxy/protocol';
import { connect, disconnect, metadata } from '../client/connect.js';
import { CODE, fault } from '../client/errors.js';
import { librdkafka, type RdAdmin, type RdMetadata, type RdProducer } from '../client/librdkafka.js';
import { clientConfig } from '../client/settings.js';
import { pause } from '../client/timing.js';
import { KafkaClientFault } from '../port/failures.js';
import type { KafkaSettings } from '../port/settings.js';
import { leadersServe } from './leaders-serve.js';

/** How topics are created, and how long that may take. */
export interface TopicCreation {
  /** Partitions of a topic made here; -1: the broker's default. */
  readonly partitions: number;
  /** Replicas of a topic made here; -1: the broker's default. */
  readonly replicationFactor: number;
  /** For all of it: connecting, creating, and waiting for leaders, ms. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** How long CreateTopics may take before the broker is taken for one that does not have it, ms. */
const CREATE_MS = 5000;

/** How long a topic may take to appear after it was asked for, ms. */
const ASK_MS = 1500;

/**
 * Creates the topics that are missing and resolves when each has a leader for every partition.
 *
 * Topics are created by CreateTopics; by asking for their metadata where the broker has no such call,
 * or first of all where `allow.auto.create.topics` is set. A topic that somebody else creates meanwhile is fine.
 *
 * @throws {KafkaClientFault} naming the topic and the reason, when one cannot be created or has no leaders in time
 * @example
 * await ensureTopics(settings, ['orders', 'replies'], { partitions: 12, replicationFactor: 3, timeoutMs: 30_000 });
 */
export async function ensureTopics(
  settings: KafkaSettings,
  topics: readonly string[],
  options: TopicCreation,
): Promise<void> {
  if (topics.length === 0) return;
  const endAt = Date.now() + options.timeoutMs;
  const deadline = timeoutSignal(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  const make = (): RdProducer => new librdkafka.Producer(clientConfig(settings, 'admin', {}, {}));
  const client = await connect('admin', settings.events, make, signal);
  try {
    const asking = settings.properties['allow.auto.create.topics'];
    let missing = withoutLeaders(await metadata(client, null, endAt - Date.now()), topics);
    if (missing.length > 0 && (asking === true || asking === 'true')) {
      missing = await awaitLeaders(client, missing, Math.min(endAt, Date.now() + ASK_MS), signal);
    }
    const admin = librdkafka.AdminClient.createFrom(client);
    const made = missing;
    for (const topic of missing) {
      // One that times out speaks for all: the broker has no such call, and asking is what is left.
      if (!(await create(admin, topic, options, endAt))) break;
    }
    missing = await awaitLeaders(client, missing, endAt, signal);
    if (missing.length > 0) {
      throw new KafkaClientFault(
        `topics without a leader after ${options.timeoutMs} ms: ${missing.join(', ')}`,
        CODE.timedOut,
      );
    }
    if (made.length > 0) {
      const found = await metadata(client, null, Math.max(1, endAt - Date.now()));
      const partitions = found.topics
        .filter(({ name }) => made.includes(name))
        .flatMap(({ name, partitions: all }) => all.map(({ id }) => ({ topic: name, partition: id })));
      // What does not serve in time is left to those who write.
      await leadersServe(admin, partitions, { endAt, signal });
    }
  } finally {
    await disconnect(client);
  }
}

/** False when the broker seems to have no CreateTopics. @throws {KafkaClientFault} when it refuses the topic */
async function create(admin: RdAdmin, topic: string, options: TopicCreation, endAt: number): Promise<boolean> {
  const timeoutMs = Math.max(1, Math.min(CREATE_MS, endAt - Date.now()));
  try {
    await new Promise<void>((resolve, reject) => {
      admin.createTopic(
        { topic, num_partitions: options.partitions, replication_factor: options.replicationFactor },
        timeoutMs,
        (error) => (error ? reject(error) : resolve()),
      );
    });
    return true;
  } catch (error) {
    const failed = fault(`creating topic ${topic}`, error);
    if (failed.code === CODE.topicExists) return true;
    if (NO_SUCH_CALL.has(failed.code)) return false;
    if (!DENIED.has(failed.code)) throw failed;
    throw new KafkaClientFault(
      `topic ${topic} is missing or hidden, and Kafka denies Create on it: grant what is missing, or make it yourself and set create_topics: false`,
      failed.code,
      { cause: error },
    );
  }
}

/** How a broker without CreateTopics answers: not at all, or that it has no such call. */
const NO_SUCH_CALL: ReadonlySet<number> = new Set([CODE.timedOut, CODE.unsupported, CODE.unsupportedVersion]);

const DENIED: ReadonlySet<number> = new Set([CODE.topicNotAuthorized, CODE.clusterNotAuthorized]);

/** Asks until all topics have leaders; resolves with those that have none at `endAt`. */
async function awaitLeaders(
  client: RdProducer,
  topics: readonly string[],
  endAt: number,
  signal: AbortSignal,
): Promise<string[]> {
  let missing = [...topics];
  for (;;) {
    const still: string[] = [];
    for (const topic of missing) {
      const found = await metadata(client, topic, Math.max(1, Math.min(2000, endAt - Date.now())));
      still.push(...withoutLeaders(found, [topic]));
    }
    missing = still;
    if (missing.length === 0 || Date.now() >= endAt || signal.aborted) return missing;
    await pause(50, signal);
  }
}

/** The topics that do not exist, or have a partition without a leader. */
function withoutLeaders(found: Pick<RdMetadata, 'topics'>, topics: readonly string[]): string[] {
  return topics.filter((topic) => {
    const partitions = found.topics.find(({ name }) => name === topic)?.partitions ?? [];
    return partitions.length === 0 || partitions.some(({ leader }) => leader < 0);
  });
}
