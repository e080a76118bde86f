import type { RecordHeaders, ReplyAddress } from '@kafka-http-proxy/protocol';
import type { AccessNeed, DeniedAccess } from './client/access.js';
import type { InboxOwner } from './inbox/canary.js';
import type { TopicStates } from './topics/topic-states.js';

/** What every client of a process has in common. */
export interface KafkaSettings {
  /** host:port, several separated by commas. */
  readonly bootstrapServers: string;
  /** Shown in the brokers' logs and quotas. */
  readonly clientId: string;
  /** librdkafka properties of the operator; they win over ours. */
  readonly properties: Readonly<Record<string, string | number | boolean>>;
  /** Largest record to produce, bytes of value and headers. */
  readonly maxRecordBytes: number;
  readonly events: KafkaEvents;
}

/** What a client tells its owner: for logs, metrics and readiness. None of them may throw. */
export interface KafkaEvents {
  /** An error of the client that no call answers for; `client` is producer, inbox_reader, request_consumer or admin. */
  error(client: string, error: KafkaClientError): void;
  /** A line of librdkafka's own log; `level` as syslog has it (3 error, 4 warning, 6 info, 7 debug). */
  log(client: string, level: number, message: string): void;
  /** A client was given up and made anew by its watchdog. */
  restarted(client: string, reason: string): void;
  /** Kafka let a consumer use its group, or refused that for want of an ACL; told at each attempt. */
  access?(group: string, allowed: boolean): void;
}

/** An error of librdkafka, in the words of its enum (`_ALL_BROKERS_DOWN`, `UNKNOWN_TOPIC_OR_PART`, …). */
export interface KafkaClientError {
  readonly code: number;
  readonly name: string;
  readonly message: string;
  readonly fatal: boolean;
  /** Of the record that could not be written. */
  readonly topic?: string;
}

/** A record as read. */
export interface KafkaRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** When it was produced or appended, ms since the epoch. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
}

/** A record to write. */
export interface OutgoingRecord {
  readonly topic: string;
  /** Null leaves the choice to the partitioner: by key, or sticky without one. */
  readonly partition: number | null;
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers: RecordHeaders;
  /** Compression of its batch; none when left out. Records keep their order only among those of one kind. */
  readonly compression?: Compression | undefined;
  /** True where the record may overtake others and be overtaken: it may then wait for a batch, or not. */
  readonly unordered?: boolean;
}

/** What librdkafka can compress with here: lz4 is built in, zstd where its library was there. */
export type Compression = 'lz4' | 'zstd';

/**
 * Why a record was not written.
 *
 * `queue_full`: the client's queue is full. `too_large`: over the client's or the broker's limit.
 * `unknown_topic`: no such topic or partition. `not_authorized`: an ACL forbids it. `no_key`: the topic is
 * compacted, and the record has no key. `timed_out`: not acknowledged in message.timeout.ms. `unavailable`: any other failure.
 */
export type SendFailure =
  | 'queue_full'
  | 'too_large'
  | 'unknown_topic'
  | 'not_authorized'
  | 'no_key'
  | 'timed_out'
  | 'unavailable';

export interface RecordProducer {
  /**
   * Hands a record to the client, which copies it. `settled` is called exactly once, later: with
   * null when all in-sync replicas have the record, else with the error. Never throws: what cannot
   * be queued at all is settled with its error in a microtask.
   */
  send(record: OutgoingRecord, settled: (error: KafkaSendError | null) => void): void;
  /** {@link send} as a promise. @throws {KafkaSendError} */
  deliver(record: OutgoingRecord): Promise<void>;
  /**
   * How many partitions a topic has: 0 when it does not exist (asking may create it, where the
   * broker creates topics by itself). Also loads its metadata, so that the first record need not wait.
   *
   * @throws {KafkaClientFault} when no broker answers in `timeoutMs`, or an ACL forbids to look at it
   */
  partitionsOf(topic: string, timeoutMs?: number): Promise<number>;
  /** Which of these needs, one a resource, Kafka denies to this principal now. @throws when no broker answers */
  denied(needs: readonly AccessNeed[]): Promise<DeniedAccess[]>;
  /**
   * What Kafka says of these topics now; never creates one.
   *
   * @throws {KafkaClientFault} when no broker answers
   */
  describe(topics: readonly string[]): Promise<TopicStates>;
  /**
   * Makes the client anew: what it has learnt of topics is of others by the same names. What was sent before is
   * settled as Kafka answers it, for a while, and may come after what is sent from now on.
   */
  renew(reason: string): Promise<void>;
  /** False from the moment that no broker can be reached until one answers again. */
  available(): boolean;
  /** Flushes what is queued for at most `timeoutMs`, then disconnects. May be called again. */
  close(timeoutMs: number): Promise<void>;
}

/** @see SendFailure */
export class KafkaSendError extends Error {
  override readonly name = 'KafkaSendError';

  constructor(
    readonly failure: SendFailure,
    message: string,
    readonly code: number,
  ) {
    super(message);
  }
}

/** A call to Kafka that failed: the client's message, its code, and what was being done. */
export class KafkaClientFault extends Error {
  override readonly name = 'KafkaClientFault';

  constructor(
    message: string,
    readonly code: number,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

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
   * These were deleted and made again: their addresses are void until they are opened anew, which is done here as
   * often as it takes, and every record that they have since is read.
   */
  renew(topics: readonly string[]): void;
  /** Reads a topic no longer; it may be opened again. Nothing, where it is not open. */
  release(topic: string): void;
  /** The address that {@link open} gave, or undefined: for the hot path. */
  addressOf(topic: string): ReplyAddress | undefined;
  /** Topics that are open. */
  topics(): string[];
  /** False while a watchdog has found the reader dead and it is being made anew. */
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
  /** Another reads a partition too; told at each of its canaries. What it says of itself is not proven. Must not throw. */
  onNeighbour?(at: TopicPartition, who: InboxOwner): void;
  /** How often a quiet reader is probed by a canary; 5 s when left out. */
  readonly watchdogMs?: number;
  /** Ends the attempts to connect. */
  readonly signal?: AbortSignal;
}

/** How members and brokers share out partitions: `classic`, or `consumer`, which is KIP-848. */
export type GroupProtocol = 'classic' | 'consumer';

/** One partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A member of a consumer group; offsets are committed only when stored by hand. */
export interface RequestConsumer {
  readonly group: string;
  /** How it is a member now. */
  protocol(): GroupProtocol;
  /** Records `offset` as the next one to read of a partition; ignored when the partition is no longer ours. */
  store(topic: string, partition: number, offset: number): void;
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /** What is assigned now. */
  assignments(): TopicPartition[];
  /** Records between the last read one and the end, by partition, as the last statistics had it; for a gauge. */
  lag(): ReadonlyArray<TopicPartition & { readonly lag: number }>;
  /** Leaves the group, as if it had been lost, and joins anew: what it knows of its topics is of others by the same names. */
  renew(reason: string): void;
  /** True when the group has given an assignment (an empty one counts) and the reading loop lives. */
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
  /** What Kafka says of topics: by their ids, offsets of deleted ones are told apart. May reject. */
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
