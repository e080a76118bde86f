import kafka from '@confluentinc/kafka-javascript';
import type { RecordHeaders } from '@kafka-http-proxy/protocol';
import type { TopicPartition } from '../port/records.js';

/*
 * The one door to `@confluentinc/kafka-javascript`: its callback API, typed as it behaves. The
 * package's own types lack incrementalAssign, incrementalUnassign, assignmentLost and
 * rebalanceProtocol, type `consume(cb)`'s one message as an array, and want callbacks that their
 * source leaves optional.
 */

/** Configuration of one client: librdkafka properties and the wrapper's callbacks. */
export type RdConfig = Record<string, unknown>;

/** An error as the package gives it; `code` is -1 for those that come as events. */
export interface RdError {
  readonly code: number;
  readonly message: string;
}

/** Brokers and topics, as one broker sees them. */
export interface RdMetadata {
  readonly brokers: ReadonlyArray<{ readonly host: string; readonly port: number }>;
  readonly topics: ReadonlyArray<{
    readonly name: string;
    readonly partitions: ReadonlyArray<{
      readonly id: number;
      readonly leader: number;
      readonly replicas: readonly number[];
      readonly isrs: readonly number[];
    }>;
  }>;
}

/** One record as read: header values are Buffers. */
export interface RdMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: RecordHeaders;
}

type Callback<T> = (error: RdError | null | undefined, result: T) => void;

type EofListener = (at: TopicPartition & { readonly offset: number }) => void;

/** What clients of every kind have. */
export interface RdClient {
  connect(options: { allTopics: false; timeout: number }, done: Callback<RdMetadata>): unknown;
  disconnect(done: () => void): unknown;
  isConnected(): boolean;
  getMetadata(options: { topic?: string; allTopics: boolean; timeout: number }, done: Callback<RdMetadata>): unknown;
  queryWatermarkOffsets(
    topic: string,
    partition: number,
    timeoutMs: number,
    done: Callback<{ lowOffset: number; highOffset: number }>,
  ): unknown;
  on(event: 'event.error' | 'error' | 'warning', listener: (error: RdError) => void): unknown;
  on(event: 'event.log', listener: (line: { severity: number; fac: string; message: string }) => void): unknown;
  on(event: 'event.stats', listener: (stats: { message: string }) => void): unknown;
  /** Of a consumer: the end of a partition was reached, where `enable.partition.eof` is set. */
  on(event: 'partition.eof', listener: EofListener): unknown;
  removeListener(event: 'partition.eof', listener: EofListener): unknown;
}

/** A delivery report; `opaque` is what was given to `produce`. */
export interface RdReport {
  readonly opaque?: unknown;
  readonly partition: number;
  readonly offset: number;
}

/** A client that writes. */
export interface RdProducer extends RdClient {
  produce(
    topic: string,
    partition: number | null,
    value: Buffer | null,
    key: Buffer | string | null,
    timestamp: null,
    opaque: unknown,
    headers: RecordHeaders,
  ): unknown;
  setPollInBackground(on: boolean): void;
  flush(timeoutMs: number, done: (error: RdError | null | undefined) => void): unknown;
}

/** A client that reads. */
export interface RdConsumer extends RdClient {
  subscribe(topics: readonly string[]): unknown;
  unsubscribe(): unknown;
  assign(partitions: ReadonlyArray<TopicPartition & { offset?: number }>): unknown;
  unassign(): unknown;
  incrementalAssign(partitions: ReadonlyArray<TopicPartition & { offset?: number }>): unknown;
  incrementalUnassign(partitions: readonly TopicPartition[]): unknown;
  assignmentLost(): boolean;
  rebalanceProtocol(): 'NONE' | 'EAGER' | 'COOPERATIVE';
  setDefaultConsumeTimeout(timeoutMs: number): void;
  setDefaultConsumeLoopTimeoutDelay(delayMs: number): void;
  /** One poll, for at most `count` records. */
  consume(count: number, done: Callback<RdMessage[]>): void;
  /** A loop. */
  consume(each: (error: RdError | null, message: RdMessage) => void): void;
  /** `metadata` is committed with the offset. */
  offsetsStore(offsets: ReadonlyArray<TopicPartition & { offset: number; metadata?: string }>): unknown;
  /** What the group has committed; `offset` is undefined or negative where that is nothing. */
  committed(partitions: readonly TopicPartition[], timeoutMs: number, done: Callback<RdCommitted[]>): unknown;
  pause(partitions: readonly TopicPartition[]): unknown;
  resume(partitions: readonly TopicPartition[]): unknown;
}

/** An offset as a group has committed it. */
export interface RdCommitted extends TopicPartition {
  readonly offset?: number;
  readonly metadata?: string;
}

/** What a broker says of one topic: `error` when it tells nothing more. */
export interface RdDescribed {
  readonly name: string;
  readonly error?: { readonly code: number };
  /** Numbers of Kafka's AclOperation. */
  readonly authorizedOperations?: readonly number[];
  /** 128 bits; all zero where the brokers have no ids. */
  readonly topicId?: { readonly base64: string };
  readonly partitions?: readonly unknown[];
}

interface DescribeOptions {
  readonly timeout: number;
  readonly includeAuthorizedOperations: boolean;
}

/** The end of a partition; `error` where its leader does not say. */
export interface RdListed extends TopicPartition {
  readonly offset: number;
  readonly error?: { readonly code: number };
}

/** A consumer group as its coordinator describes it. */
export interface RdGroup {
  readonly error?: { readonly code: number; readonly message?: string };
  readonly members: ReadonlyArray<{ readonly groupInstanceId?: string }>;
}

/** Questions and orders to the cluster, over the handle of another client. */
export interface RdAdmin {
  describeGroups(groups: readonly string[], options: { timeout: number }, done: Callback<{ groups: RdGroup[] }>): void;
  /** `offset` is a question: `{ timestamp: -1 }` is the end, of what is committed with `isolationLevel` 1. */
  listOffsets(
    partitions: ReadonlyArray<TopicPartition & { offset: { timestamp: number } }>,
    options: { timeout: number; isolationLevel: 0 | 1 },
    done: Callback<RdListed[]>,
  ): void;
  describeTopics(topics: readonly string[], options: DescribeOptions, done: Callback<RdDescribed[]>): void;
  /** All records before `offset` are deleted. */
  deleteRecords(
    before: ReadonlyArray<TopicPartition & { offset: number }>,
    options: { timeout: number },
    done: Callback<RdListed[]>,
  ): void;
  createTopic(
    topic: {
      topic: string;
      num_partitions: number;
      replication_factor: number;
      config?: Readonly<Record<string, string>>;
    },
    timeoutMs: number,
    done: (error: RdError | undefined) => void,
  ): void;
}

interface Librdkafka {
  readonly Producer: new (config: RdConfig) => RdProducer;
  readonly KafkaConsumer: new (config: RdConfig) => RdConsumer;
  readonly AdminClient: { createFrom(client: RdClient): RdAdmin };
  readonly CODES: { readonly ERRORS: Readonly<Record<string, number>> };
}

/** The package, with the types above. */
export const librdkafka = kafka as unknown as Librdkafka;
