import type { AccessNeed, DeniedAccess } from './access.js';
import type { KafkaRecord, TopicPartition } from './records.js';

/** One broker, as the cluster names it to its clients. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** One partition of a topic, as the cluster has it. */
export interface PartitionState {
  readonly partition: number;
  /** Broker id; -1: none at the moment. */
  readonly leader: number;
  readonly replicas: number;
  readonly inSync: number;
}

/** The brokers and topics that one broker knows of, and this principal may see. */
export interface ClusterState {
  readonly brokers: readonly BrokerAddress[];
  readonly topics: ReadonlyMap<string, readonly PartitionState[]>;
}

/** An offset of a partition. */
export interface PartitionOffset extends TopicPartition {
  readonly offset: number;
}

/** A part of a partition: from `from`, and up to `to`, which is left out; without `to` it has no end. */
export interface OffsetRange extends TopicPartition {
  readonly from: number;
  readonly to?: number;
}

/** Where to look in a partition: its first record, its end, or the first record at or after a time, ms since the epoch. */
export type OffsetMoment = 'start' | 'end' | number;

/** Until when is read. */
export interface ReadOptions {
  readonly signal?: AbortSignal;
}

/** Looks at topics, groups and records without taking part in anything: nothing is committed, no group is joined. */
export interface KafkaInspector {
  /** Never creates a topic. @throws {KafkaClientFault} when no broker answers */
  cluster(): Promise<ClusterState>;
  /** Which of these Kafka denies to this principal. @throws {KafkaClientFault} when no broker answers */
  denied(needs: readonly AccessNeed[]): Promise<DeniedAccess[]>;
  /**
   * An offset for each partition; those whose leader does not answer are left out.
   *
   * @throws {KafkaClientFault} when no broker answers
   */
  offsets(partitions: readonly TopicPartition[], moment: OffsetMoment): Promise<PartitionOffset[]>;
  /**
   * What a group has committed for these partitions; those without are left out. Needs Describe on the group.
   *
   * @throws {KafkaClientFault} when Kafka does not tell, or denies it
   */
  committed(group: string, partitions: readonly TopicPartition[]): Promise<PartitionOffset[]>;
  /**
   * Reads ranges, each in order, and hands over record by record; `onRecord` may return a promise, which is awaited
   * before more is read. Resolves when all ranges are read to their ends, or the signal is aborted.
   *
   * @throws {KafkaClientFault} when a partition can't be read; what `onRecord` throws
   */
  read(
    ranges: readonly OffsetRange[],
    onRecord: (record: KafkaRecord) => void | Promise<void>,
    options?: ReadOptions,
  ): Promise<void>;
  /** One record; null where there is none (any more) at that offset. @throws {KafkaClientFault} */
  recordAt(at: PartitionOffset): Promise<KafkaRecord | null>;
  /**
   * Makes a topic. -1: the brokers' default.
   *
   * @throws {KafkaClientFault} naming the topic and the reason; also when it exists
   */
  createTopic(topic: NewTopic): Promise<void>;
  /** Deletes the records before these offsets. @throws {KafkaClientFault} */
  deleteRecords(before: readonly PartitionOffset[]): Promise<void>;
  close(): Promise<void>;
}

/** A topic to be made. */
export interface NewTopic {
  readonly name: string;
  /** -1: the brokers' default. */
  readonly partitions: number;
  /** -1: the brokers' default. */
  readonly replicationFactor: number;
  /** Topic configuration, such as `cleanup.policy`. */
  readonly config?: Readonly<Record<string, string>>;
}
