import { createStates, type Steps } from '@kafka-http-proxy/protocol';
import { connect, disconnect, quiesce } from '../client/connect.js';
import { CODE, clientError, errorCode } from '../client/errors.js';
import { librdkafka, type RdConfig, type RdConsumer, type RdError, type RdMessage } from '../client/librdkafka.js';
import { createQuestions } from '../client/questions.js';
import { endsWithin, holdsWithin } from '../client/timing.js';
import type { TopicPartition } from '../port/records.js';
import type { RequestConsumerOptions } from '../port/request-consumer.js';
import type { TopicStates } from '../port/topics.js';
import { endOffsets, firstOffset } from './end-offsets.js';
import { memberConfig } from './member-config.js';
import { createOffsetStores } from './offset-stores.js';
import { createPartitionSet, type PartitionSet } from './partition-set.js';
import { createReading, type Reading } from './reading.js';
import { type RivalKind, readRival } from './rival.js';
import { commitMetadata, type StartOffset, startOffsets } from './start-offsets.js';

/** Part of the line that librdkafka logs. It reports the refusal in no other way. */
const REFUSED = 'API version not supported: ConsumerGroupHeartbeat';

/** Time for leaving the group and the last commit, ms. */
const LEAVE_MS = 5000;

/**
 * Where a session is on its way: `connecting`, `joining` (the group has given nothing yet), `member` (it has, if only
 * an empty assignment), `leaving` (it gives everything up as a rebalance would), `closed`: it hands over nothing more.
 */
export type GroupSessionState = 'connecting' | 'joining' | 'member' | 'leaving' | 'closed';

const STEPS: Steps<GroupSessionState> = {
  connecting: ['joining'],
  joining: ['member', 'leaving', 'closed'],
  member: ['leaving', 'closed'],
  leaving: ['closed'],
  closed: [],
};

/** One consumer that is a member of the group; recreated when its reading fails. */
export interface GroupSession {
  /** May be read from. */
  readonly assigned: PartitionSet;
  readonly client: RdConsumer;
  /** Stores the next offset to read of a partition that is held, at the end of this turn of the event loop. */
  store(topic: string, partition: number, offset: number): void;
  /** Reads these topics, and no others. The group answers by a rebalance. */
  subscribe(topics: readonly string[]): void;
  /** Where these end. @see endOffsets @throws {KafkaClientFault} */
  endsOf(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<string, number>>;
  /** @see firstOffset @throws {KafkaClientFault} */
  firstOf(at: TopicPartition): Promise<number | undefined>;
  /** Gives everything up as a rebalance would, commits what is stored, leaves. Once, as {@link abandon}. */
  leave(): Promise<void>;
  /** Gives everything up as lost: the client may not answer. */
  abandon(): Promise<void>;
}

/** What a session reports to its owner. */
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
  /** Offsets could not be stored. */
  unstored(error: RdError): void;
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
  /** Their offsets may be stored: assigned, or being given up. */
  const held = createPartitionSet();
  /** What librdkafka fetches: from assign() to unassign(). */
  const granted = createPartitionSet();
  const metadata = new Map<string, string>();
  const states = createStates(`the session in ${options.group}`, STEPS, 'connecting');
  const live = () => !states.is('closed');
  let rebalanced: Promise<void> = Promise.resolve();
  let client: RdConsumer;
  let reading: Reading | undefined;

  const stores = createOffsetStores((offsets) => {
    const ours = offsets.filter(({ topic, partition }) => held.has(topic, partition));
    if (ours.length === 0) return;
    try {
      client.offsetsStore(ours.map((at) => ({ ...at, metadata: metadata.get(at.topic) ?? '' })));
    } catch (error) {
      events.unstored(error as RdError);
    }
  });

  const giveUp = async (partitions: readonly TopicPartition[], lost: boolean): Promise<void> => {
    const ours = partitions.filter(({ topic, partition }) => assigned.has(topic, partition));
    assigned.remove(ours);
    // The function makes a promise of a throw too: whatever happens, the event is answered.
    if (ours.length > 0) await endsWithin((async () => await options.onRevoked(ours, lost))(), revokeTimeoutMs);
    stores.flush();
    held.remove(ours);
  };

  /** Where to begin, and which topics these are of. Where Kafka does not tell, librdkafka finds out by itself. */
  const beginning = async (partitions: readonly TopicPartition[]): Promise<StartOffset[]> => {
    const topics = [...new Set(partitions.map(({ topic }) => topic))];
    try {
      if (options.describe === undefined || topics.length === 0) return [...partitions];
      const known: TopicStates = await options.describe(topics);
      for (const topic of topics) metadata.set(topic, commitMetadata(known, topic));
      return await startOffsets(client, partitions, known);
    } catch (error) {
      // A client that was closed meanwhile has no answer, and needs none.
      if (live() && client.isConnected()) settings.events.error('request_consumer', clientError(error as RdError));
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
      if (live()) {
        held.add(partitions);
        assigned.add(partitions);
        events.settled(true);
        events.begun(starts);
        options.onAssigned(partitions);
      }
      granted.add(partitions);
      if (cooperative) client.incrementalAssign(assignment);
      else client.assign(assignment);
      if (states.is('joining')) states.to('member');
      return;
    }
    const lost = client.isConnected() && client.assignmentLost();
    if (lost && live()) events.settled(false);
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

  // Made for each client anew: properties may have been replaced meanwhile.
  const config = (): RdConfig => ({
    ...memberConfig(settings, options),
    queue_non_empty_cb: () => reading?.wake(),
    rebalance_cb(error: RdError, partitions: TopicPartition[]) {
      rebalanced = rebalanced
        .then(() => answer(error, partitions))
        .catch((cause: RdError) => {
          // A client that was closed meanwhile takes no answer, and needs none.
          if (!states.is('closed')) settings.events.error('request_consumer', clientError(cause));
        });
    },
  });
  const make = (): RdConsumer => {
    client = new librdkafka.KafkaConsumer(config());
    client.on('event.stats', ({ message }) => {
      if (live()) events.statistics(message);
    });
    client.on('event.log', ({ fac, message }) => {
      if (!live() || fac !== 'FATAL') return;
      if (message.includes(REFUSED)) events.refused();
      const rival = readRival(message);
      if (rival !== null) events.rivalled(rival);
    });
    return client;
  };
  client = await connect('request_consumer', settings.events, make, signal);
  const admin = librdkafka.AdminClient.createFrom(client);
  const questions = createQuestions(client);
  const committedOnly = memberConfig(settings, options)['isolation.level'] === 'read_committed';
  states.to('joining');
  client.subscribe(options.topics);
  reading = createReading(client, {
    onMessage(message) {
      // What was fetched of a partition that is being given up belongs to its next owner.
      if (live() && assigned.has(message.topic, message.partition)) events.message(message);
    },
    onWarning: (error) => settings.events.error('request_consumer', clientError(error)),
    onFailed(error) {
      if (live() && client.isConnected()) events.failed(error);
    },
  });

  const end = async (): Promise<void> => {
    // A record that is on its way to the event loop at a disconnect is never freed (see quiesce).
    await endsWithin(reading?.stop() ?? Promise.resolve(), LEAVE_MS);
    await endsWithin(questions.settled(), LEAVE_MS);
    await endsWithin(disconnect(client), LEAVE_MS);
  };

  return {
    assigned,
    client,
    store(topic, partition, offset) {
      if (held.has(topic, partition)) stores.set(topic, partition, offset);
    },
    subscribe: (topics) => void client.subscribe(topics),
    endsOf: (partitions) => questions.ask('where partitions end', () => endOffsets(admin, partitions, committedOnly)),
    firstOf: (at) => questions.ask('where a partition begins', () => firstOffset(admin, at)),
    async leave() {
      states.to('leaving');
      // Work ends while the group is still subscribed to: afterwards the package refuses to store
      // offsets (`Erroneous state`), and what was finished would be done again.
      rebalanced = rebalanced.then(() => giveUp(assigned.all(), false));
      await endsWithin(rebalanced, revokeTimeoutMs + 1000);
      // Sends a revoke that the next polls hand over; its answer commits what was stored.
      await quiesce(client, () => client.unsubscribe());
      await holdsWithin(() => granted.size === 0, 2000);
      await quiesce(client, () => client.unassign());
      states.to('closed');
      await end();
    },
    async abandon() {
      states.to('closed');
      await giveUp(assigned.all(), true);
      await quiesce(client, () => client.unassign());
      await end();
    },
  };
}
