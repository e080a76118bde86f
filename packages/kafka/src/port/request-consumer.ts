import type { KafkaRecord, TopicPartition } from './records.js';
import type { KafkaSettings } from './settings.js';
import type { TopicStates } from './topics.js';

/** How members and brokers share out partitions: `classic`, or `consumer`, which is KIP-848. */
export type GroupProtocol = 'classic' | 'consumer';

/** A member of a consumer group; offsets are committed only when stored by hand. */
export interface RequestConsumer {
  readonly group: string;
  /** How it is a member now. */
  protocol(): GroupProtocol;
  /** Records `offset` as the next one to read of a partition; ignored when the partition is no longer ours. */
  store(topic: string, partition: number, offset: number): void;
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /** What is assigned now: for tests. */
  assignments(): TopicPartition[];
  /** Records between the last read one and the end, by partition, as the last statistics had it; for a gauge. */
  lag(): ReadonlyArray<TopicPartition & { readonly lag: number }>;
  /** Leaves the group, as if it had been lost, and joins again: its topics were replaced by others of the same names. */
  renew(reason: string): void;
  /**
   * Reads these topics from now on, and no others: those that stay are read on meanwhile, the partitions of those that go
   * are given up as in a rebalance. Resolves when the group has answered; another call that came later takes its place.
   */
  subscribe(topics: readonly string[]): Promise<void>;
  /**
   * Leaves the group as a stop would, and joins again by the settings as they are now. Resolves when the group has given
   * an assignment, or the consumer was closed.
   */
  rejoin(reason: string): Promise<void>;
  /** True when the group has given an assignment (an empty one counts) and it is read. */
  healthy(): boolean;
  /** What somebody has to put right before it can take part: a sentence; null when nothing. */
  trouble(): string | null;
  /** Stops reading and taking part: revokes (so `onRevoked` runs), commits what is stored, disconnects. */
  close(): Promise<void>;
}

/** Why reading does not go on where it was. */
export interface MovedOffset extends TopicPartition {
  /**
   * `another_topic`: the committed offset is of a deleted topic of this name, so all of this one is read.
   * `retention`: Kafka has deleted records before they were read.
   */
  readonly why: 'another_topic' | 'retention';
  /** Where it would have gone on. */
  readonly from: number;
  /** Where it goes on; undefined: at the first record there is. */
  readonly to?: number;
}

/** What a member of a group is made of. */
export interface RequestConsumerOptions {
  readonly settings: KafkaSettings;
  readonly group: string;
  /**
   * `classic` when left out. `auto`: `consumer` where the broker has it, found out at each joining. The
   * operator's property `group.protocol` wins.
   */
  readonly protocol?: GroupProtocol | 'auto';
  readonly topics: readonly string[];
  /** Each record, in order within its partition. Must not throw. */
  onRecord(record: KafkaRecord): void;
  onAssigned(partitions: readonly TopicPartition[]): void;
  /**
   * The partitions are about to go to another member: resolve when their work is finished or given
   * up and stored. It is waited for before they are released, for `revokeTimeoutMs` at most. `lost`
   * means they are gone already: nothing can be stored any more.
   */
  onRevoked(partitions: readonly TopicPartition[], lost: boolean): Promise<void>;
  readonly revokeTimeoutMs: number;
  /** What Kafka says of topics: their ids tell offsets of deleted ones apart. May reject. */
  describe?(topics: readonly string[]): Promise<TopicStates>;
  /** What begins elsewhere than the group had committed, or jumped over records that are gone. */
  onMoved?(moved: MovedOffset): void;
  /** Whether requests of transactions that are open or were aborted are read; `read_committed` when left out: they are not. */
  readonly isolationLevel?: 'read_committed' | 'read_uncommitted';
  /** Most bytes that are fetched ahead; 16 MiB when left out. */
  readonly maxPrefetchBytes?: number;
  /** Interval of librdkafka's statistics, which the watchdog and {@link RequestConsumer.lag} live on; 5 s when left out. */
  readonly statisticsMs?: number;
  /** Ends the attempts to connect. */
  readonly signal?: AbortSignal;
}
