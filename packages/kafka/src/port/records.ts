import type { RecordHeaders } from '@kafka-http-proxy/protocol';

/** One partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
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

/** Where Kafka has put a record. */
export interface WrittenAt {
  readonly partition: number;
  readonly offset: number;
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
