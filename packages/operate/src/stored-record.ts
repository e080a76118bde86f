import type { WireRecord } from '@kafka-http-proxy/protocol';

/** A record as Kafka stores it: what a consumer of any client has read. */
export interface StoredRecord extends WireRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** When it was produced or appended, ms since the epoch. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
}

/** Where a record is, as people write it: `failed-requests/0@41`. */
export function placeOf({ topic, partition, offset }: Pick<StoredRecord, 'topic' | 'partition' | 'offset'>): string {
  return `${topic}/${partition}@${offset}`;
}
