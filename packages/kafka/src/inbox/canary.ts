import { randomUUID } from 'node:crypto';
import {
  CANARY_PREFIX,
  CANARY_VALUE,
  CORRELATION_HEADER,
  METADATA_HEADER,
  recordHeader,
} from '@kafka-http-proxy/protocol';
import type { InboxOwner } from '../port/inbox-reader.js';
import type { KafkaRecord, OutgoingRecord, TopicPartition } from '../port/records.js';

/*
 * A canary is a record that a reader sends to a partition it reads: when it comes back, so would a
 * reply. Readers of the same partition see each other's and drop them by the id.
 */

/** A canary record, and the id by which it is known when it comes back. */
export interface Canary {
  readonly id: string;
  readonly record: OutgoingRecord;
}

/** @param from its reader; one of 2.0.0 does not say */
export function createCanary({ topic, partition }: TopicPartition, from?: InboxOwner): Canary {
  const id = CANARY_PREFIX + randomUUID();
  const headers = [
    { [CORRELATION_HEADER]: id },
    { [METADATA_HEADER]: JSON.stringify({ v: 2, canary: true, ...from }) },
  ];
  return { id, record: { topic, partition, key: null, value: CANARY_VALUE, headers } };
}

/** Larger than any that we write, bytes. */
const MAX_OWNER_BYTES = 4096;
const MAX_NAME_CHARACTERS = 249;

/** Who wrote a canary; null where it does not say, or says it in no way of ours: anybody may write to a topic. */
export function canaryOwner(record: Pick<KafkaRecord, 'headers'>): InboxOwner | null {
  const text = recordHeader(record.headers, METADATA_HEADER);
  if (text === null || text.length > MAX_OWNER_BYTES) return null;
  try {
    const { instance, run } = JSON.parse(text) as Partial<Record<keyof InboxOwner, unknown>>;
    return isName(instance) && isName(run) ? { instance, run } : null;
  } catch {
    return null;
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME_CHARACTERS;
}
