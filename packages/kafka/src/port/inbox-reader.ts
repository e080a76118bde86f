import type { ReplyAddress } from '@kafka-http-proxy/protocol';
import type { RecordProducer } from './producer.js';
import type { KafkaRecord, TopicPartition } from './records.js';
import type { KafkaSettings } from './settings.js';

/** Reads partitions by manual assignment, each from the end it had when it was opened. */
export interface InboxReader {
  /**
   * Starts to read a response topic and resolves when nothing sent to the address from now on can
   * be missed: its end offset was read, it is assigned, and a canary record came back. Calls for
   * one topic share their work; a failed one may be tried again.
   *
   * @throws {KafkaClientFault} when the topic does not exist or Kafka does not answer
   */
  open(topic: string, how?: InboxOpening): Promise<ReplyAddress>;
  /**
   * These were deleted and created again. Their addresses are void until they are open again, which is tried here as
   * often as it takes. Every record that they got since is read.
   */
  renew(topics: readonly string[]): void;
  /**
   * Goes on with a new consumer, of the settings as they are now, each partition where it was: nothing is lost, and
   * nothing read twice. Until that one is connected the old one reads. Resolves when it has taken over.
   *
   * @throws {KafkaClientFault} when it can't be had; then the old one goes on
   */
  reconnect(reason: string): Promise<void>;
  /** Reads a topic no longer; it may be opened again. Nothing, where it is not open. */
  release(topic: string): void;
  /** The address that {@link open} gave, or undefined: for the hot path. */
  addressOf(topic: string): ReplyAddress | undefined;
  /** Topics that are open. */
  topics(): string[];
  /** False while the reader is being recreated, since a watchdog has found it dead. */
  healthy(): boolean;
  close(): Promise<void>;
}

/** How a topic is opened. */
export interface InboxOpening {
  /**
   * True: nothing of ours is written to it, neither now nor later. It may be somebody else's, so whether it may be
   * read is asked for instead, and the watchdog looks at the others.
   */
  readonly silently?: boolean;
}

/** Who reads a partition: a canary names its reader, so that those who share one learn of each other. */
export interface InboxOwner {
  /** The `instance_id`. */
  readonly instance: string;
  /** Random for each start. */
  readonly run: string;
}

/** What a reader is made of. */
export interface InboxReaderOptions {
  readonly settings: KafkaSettings;
  /** Writes the canaries. */
  readonly producer: RecordProducer;
  /** Partitions to read of a topic with `count` of them; one, or all. The address names the partition when it is one. */
  choosePartitions(topic: string, count: number): number[];
  /** Each record, canaries excluded. Must not throw. */
  onRecord(record: KafkaRecord): void;
  /** Named by its canaries, for those who share a partition. */
  readonly owner?: InboxOwner;
  /** Another reads a partition too; called at each of its canaries. What it says of itself is not proven. Must not throw. */
  onNeighbour?(at: TopicPartition, who: InboxOwner): void;
  /** How often a quiet reader is probed by a canary; 5 s when left out. */
  readonly watchdogMs?: number;
  /** Ends the attempts to connect. */
  readonly signal?: AbortSignal;
}
