import { randomUUID } from 'node:crypto';
import { CORRELATION_HEADER, METADATA_HEADER, recordHeader } from '@kafka-http-proxy/protocol';
import type { KafkaRecord, OutgoingRecord, TopicPartition } from './types.js';

/*
 * A canary is a record that a reader sends to a partition it reads: when it comes back, so would a
 * reply. Readers of the same partition see each other's and drop them by the id. Its value is an
 * empty JSON object, which a proxy of 1.0.1 on the same topic reads and drops too; no value at all
 * would end that proxy's reading loop.
 */

const PREFIX = 'canary-';
const VALUE = Buffer.from('{}');

export interface Canary {
  readonly id: string;
  readonly record: OutgoingRecord;
}

export function createCanary({ topic, partition }: TopicPartition): Canary {
  const id = PREFIX + randomUUID();
  const headers = [{ [CORRELATION_HEADER]: id }, { [METADATA_HEADER]: '{"v":2,"canary":true}' }];
  return { id, record: { topic, partition, key: null, value: VALUE, headers } };
}

/** The id of a canary, anybody's, or null for a record that is none. */
export function canaryId(record: Pick<KafkaRecord, 'value' | 'headers'>): string | null {
  if (record.value?.length !== VALUE.length) return null;
  const id = recordHeader(record.headers, CORRELATION_HEADER);
  return id?.startsWith(PREFIX) ? id : null;
}
