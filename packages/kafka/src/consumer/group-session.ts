import { connect, disconnect, quiesce } from '../client/connect.js';
import { CODE, clientError, errorCode } from '../client/errors.js';
import { firstPolls } from '../client/first-polls.js';
import { librdkafka, type RdConfig, type RdConsumer, type RdError, type RdMessage } from '../client/librdkafka.js';
import { createQuestions } from '../client/questions.js';
import { clientConfig } from '../client/settings.js';
import { endsWithin, holdsWithin } from '../client/timing.js';
import type { TopicPartition } from '../port/records.js';
import type { RequestConsumerOptions } from '../port/request-consumer.js';
import type { KafkaSettings } from '../port/settings.js';
import type { TopicStates } from '../port/topics.js';
import { endOffsets, firstOffset } from './end-offsets.js';
import { createPartitionSet, type PartitionSet } from './partition-set.js';
import { type RivalKind, readRival } from './rival.js';
import { commitMetadata, type StartOffset, startOffsets } from './start-offsets.js';

/** How often statistics come when the caller does not say, ms. */
export const STATISTICS_MS = 5000;

const POLL_MS = 100;

/** Of the line that librdkafka logs, and tells in no other way. */
const REFUSED = 'API version not supported: ConsumerGroupHeartbeat';

/** After this a member is taken for one without partitions, which by KIP-848 is told nothing, ms. */
const JOIN_MS = 10_000;

/** Time for leaving the group and the last commit, ms. */
const LEAVE_MS = 5000;

/** One consumer that is a member of the group; made anew when its reading loop dies. */
export interface GroupSession {
  /** May be read from. */
  readonly assigned: PartitionSet;
  /** Their offsets may be stored: assigned, or being given up. */
  readonly held: PartitionSet;
  readonly client: RdConsumer;
  /** What is committed with an offset of this topic. */
  metadataOf(topic: string): string;
  /** Where these end. @see endOffsets @throws {KafkaClientFault} */
  endsOf(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<string, number>>;
  /** @see firstOffset @throws {KafkaClientFault} */
  firstOf(at: TopicPartition): Promise<number | undefined>;
  /** Gives everything up as a rebalance would, commits what is stored, leaves. */
  leave(): Promise<void>;
  /** Gives everything up as lost: the loop is dead and cannot be asked. */
  abandon(): Promise<void>;
}

export interface GroupSessionEvents {
  message(message: RdMessage): void;
  /** Reading begins there. */
  begun(starts: readonly StartOffset[]): void;
  /** The group gave an assignment (true), or took it away by force (false). */
  settled(settled: boolean): void;
  /** The broker does not have the group protocol after all: this member will never be given anything. */
  refused(): void;
  /** Another member has its `group.instance.id`. */
  rivalled(kind: RivalKind): void;
  statistics(json: string): void;
  /** It can't take part: it has to be abandoned. */
  failed(error: RdError): void;
}

/** @throws {KafkaClientFault} as {@link connect} */
export async function joinGroup(
  options: RequestConsumerOptions,
  events: GroupSessionEvents,
  signal?: AbortSignal,
): Promise<GroupSession> {
  const { settings, revokeTimeoutMs } = options;
  const assigned = createPartitionSet();
  const held = createPartitionSet();
  /** What librdkafka fetches: from assign() to unassign(). */
  const granted = createPartitionSet();
  const metadata = new Map<string, string>();
  let live = true;
  let answered = false;
  let rebalanced: Promise<void> = Promise.resolve();
  let client: RdConsumer;

  const giveUp = async (partitions: readonly TopicPartition[], lost: boolean): Promise<void> => {
    const ours = partitions.filter(({ topic, partition }) => assigned.has(topic, partition));
    assigned.remove(ours);
    // The function makes a promise of a throw too: whatever happens, the event is answered.
    if (ours.length > 0) await endsWithin((async () => await options.onRevoked(ours, lost))(), revokeTimeoutMs);
    held.remove(ours);
  };

  /** Where to begin, and which topics these are of. Where Kafka does not tell, librdkafka finds out by itself. */
  const beginning = async (partitions: readonly TopicPartition[]): Promise<StartOffset[]> => {
    const topics = [...new Set(partitions.map(({ topic }) => topic))];
    try {
      if (options.describe === undefined || topics.length === 0) return [...partitions];
      const states: TopicStates = await options.describe(topics);
      for (const topic of topics) metadata.set(topic, commitMetadata(states, topic));
      return await startOffsets(client, partitions, states);
    } catch (error) {
      settings.events.error('request_consumer', clientError(error as RdError));
      return [...partitions];
    }
  };

  // Every event must be answered by assign or unassign, or disconnect() waits without end (node-rdkafka#330).
  const answer = async (error: RdError, partitions: TopicPartition[]): Promise<void> => {
    const cooperative = client.isConnected() && client.rebalanceProtocol() === 'COOPERATIVE';
    if (errorCode(error) === CODE.assignPartitions) {
      const starts = await beginning(partitions);
      const assignment = starts.map(({ topic, partition, offset }) =>
        offset === undefined ? { topic, partition } : { topic, partition, offset },
      );
      if (live) {
        held.add(partitions);
        assigned.add(partitions);
        events.settled(true);
        events.begun(starts);
        options.onAssigned(partitions);
      }
      granted.add(partitions);
      if (cooperative) client.incrementalAssign(assignment);
      else client.assign(assignment);
      answered = true;
      return;
    }
    const lost = client.isConnected() && client.assignmentLost();
    if (lost && live) events.settled(false);
    await giveUp(errorCode(error) === CODE.revokePartitions ? partitions : assigned.all(), lost);
    // With auto commit, librdkafka commits what is stored for these before it lets go of them.
    const still = client.isConnected() && client.rebalanceProtocol() === 'COOPERATIVE';
    if (still) {
      client.incrementalUnassign(partitions);
      granted.remove(partitions);
    } else {
      client.unassign();
      granted.clear();
    }
  };

  const config: RdConfig = {
    ...memberConfig(settings, options),
    rebalance_cb(error: RdError, partitions: TopicPartition[]) {
      rebalanced = rebalanced
        .then(() => answer(error, partitions))
        .catch((cause: RdError) => settings.events.error('request_consumer', clientError(cause)));
    },
  };
  const make = (): RdConsumer => {
    client = new librdkafka.KafkaConsumer(config);
    client.on('event.stats', ({ message }) => {
      if (live) events.statistics(message);
    });
    client.on('event.log', ({ fac, message }) => {
      if (!live || fac !== 'FATAL') return;
      if (message.includes(REFUSED)) events.refused();
      const rival = readRival(message);
      if (rival !== null) events.rivalled(rival);
    });
    return client;
  };
  client = await connect('request_consumer', settings.events, make, signal);
  const admin = librdkafka.AdminClient.createFrom(client);
  const questions = createQuestions(client);
  const committedOnly = config['isolation.level'] === 'read_committed';
  client.setDefaultConsumeLoopTimeoutDelay(0);
  client.setDefaultConsumeTimeout(POLL_MS);
  client.subscribe(options.topics);
  const onMessage = (message: RdMessage): void => {
    // What was fetched of a partition that is being given up belongs to its next owner.
    if (live && assigned.has(message.topic, message.partition)) events.message(message);
  };
  const joining = firstPolls(client, {
    done: () => answered || !live,
    limitMs: JOIN_MS,
    onMessage,
    onWarning: (error) => settings.events.error('request_consumer', clientError(error)),
  }).then((error) => {
    if (!live || !client.isConnected()) return;
    if (error !== null) events.failed(error);
    else client.consume((failed, message) => failed || onMessage(message));
  });

  const end = async (): Promise<void> => {
    live = false;
    await joining;
    await endsWithin(questions.settled(), LEAVE_MS);
    await endsWithin(disconnect(client), LEAVE_MS);
  };

  return {
    assigned,
    held,
    client,
    metadataOf: (topic) => metadata.get(topic) ?? '',
    endsOf: (partitions) => questions.ask('where partitions end', () => endOffsets(admin, partitions, committedOnly)),
    firstOf: (at) => questions.ask('where a partition begins', () => firstOffset(admin, at)),
    async leave() {
      // Work ends while the group is still subscribed to: afterwards the package refuses to store
      // offsets (`Erroneous state`), and what was finished would be done again.
      rebalanced = rebalanced.then(() => giveUp(assigned.all(), false));
      await endsWithin(rebalanced, revokeTimeoutMs + 1000);
      // Sends a revoke through the reading loop; its answer commits what was stored.
      await quiesce(client, () => client.unsubscribe());
      await holdsWithin(() => granted.size === 0, 2000);
      await quiesce(client, () => client.unassign());
      await end();
    },
    async abandon() {
      live = false;
      await giveUp(assigned.all(), true);
      await quiesce(client, () => client.unassign());
      await end();
    },
  };
}

/** Fetched ahead by a consumer when nobody says, bytes. */
const PREFETCH_BYTES = 16 * 1024 * 1024;
/** Less than a record of usual size would make each a fetch of its own, bytes. */
const LEAST_PREFETCH_BYTES = 1024 * 1024;

function groupConfig({
  maxPrefetchBytes = PREFETCH_BYTES,
  isolationLevel = 'read_committed',
}: Pick<RequestConsumerOptions, 'maxPrefetchBytes' | 'isolationLevel'>): RdConfig {
  const bytes = Math.min(PREFETCH_BYTES, Math.max(LEAST_PREFETCH_BYTES, maxPrefetchBytes));
  return { ...GROUP_CONFIG, 'queued.max.messages.kbytes': Math.floor(bytes / 1024), 'isolation.level': isolationLevel };
}

/** The configuration of such a consumer, without its callbacks. */
export function memberConfig(
  settings: KafkaSettings,
  options: Pick<RequestConsumerOptions, 'group' | 'statisticsMs' | 'maxPrefetchBytes' | 'isolationLevel'>,
): RdConfig {
  return clientConfig(settings, 'request_consumer', groupConfig(options), {
    'group.id': options.group,
    'enable.auto.commit': true,
    'enable.auto.offset.store': false,
    'statistics.interval.ms': options.statisticsMs ?? STATISTICS_MS,
  });
}

const GROUP_CONFIG = {
  'partition.assignment.strategy': 'cooperative-sticky',
  'session.timeout.ms': 10_000,
  // A member learns of a rebalance by its heartbeat: what is handed over stands still until then.
  'heartbeat.interval.ms': 1000,
  'max.poll.interval.ms': 60_000,
  // What was finished in this time is done again when the process is killed.
  'auto.commit.interval.ms': 250,
  // A request that nobody waits for any more is seen by its deadline and skipped.
  'auto.offset.reset': 'earliest',
  // New topics and partitions are noticed in this time.
  'topic.metadata.refresh.interval.ms': 10_000,
  'fetch.wait.max.ms': 100,
  'fetch.queue.backoff.ms': 5,
  'fetch.error.backoff.ms': 50,
  'queued.min.messages': 1000,
};
