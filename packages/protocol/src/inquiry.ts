import { isPlainId } from './basics/plain-id.js';
import {
  CORRELATION_HEADER,
  METADATA_HEADER,
  type ReplyAddress,
  recordHeader,
  type WireRecord,
} from './envelope/envelope.js';
import { addressFromWire, addressToWire, isCount, isTopicName } from './envelope/v2-fields.js';

/*
 * A question of a proxy to all processors, after a timeout: what is the matter with this request topic? And the
 * answer of each. A record header of their own marks them; to a 2.0.0 the record is the withdrawal of a
 * request that nobody has.
 */

/** Record header of a question, in the control topic. */
const ASK_HEADER = 'khp-ask';
/** Record header of an answer, in a response topic. */
const TOLD_HEADER = 'khp-told';
/** What both are to who does not know them. */
const WITHDRAWAL = JSON.stringify({ v: 2, cancel: true });

/** Which topic is asked about, and where the answers are to go. */
export interface Inquiry {
  /** An id of the asking proxy that no request has: who knows it was asked. */
  readonly id: string;
  readonly topic: string;
  readonly reply: ReplyAddress;
}

/** What a processor says of a request topic, of its own part of it. */
export interface TopicState {
  /** Whether it is configured for the topic; where not, the rest is 0. */
  readonly reads: boolean;
  /** Partitions that its consumer group has given it. */
  readonly partitions: number;
  /** Requests that were read and are not done. */
  readonly open: number;
  /** Requests that were not read yet, as of some seconds ago. */
  readonly lag: number;
  /** Whether its backend failed so often that requests are held off from it. */
  readonly unhealthy: boolean;
}

/** Writes a question about a request. */
export function encodeInquiry({ id, topic, reply }: Inquiry): WireRecord {
  return withHeader(id, ASK_HEADER, { topic, reply: addressToWire(reply) });
}

/** Null for a record that is no question, or none that can be understood. */
export function decodeInquiry(record: WireRecord): Inquiry | null {
  const read = readHeader(record, ASK_HEADER);
  if (read === null) return null;
  const { topic, reply } = read.fields;
  const address = addressFromWire(reply);
  return isTopicName(topic) && address ? { id: read.id, topic, reply: address } : null;
}

/** Writes the answer to a question. */
export function encodeTopicState(id: string, state: TopicState): WireRecord {
  return withHeader(id, TOLD_HEADER, state);
}

/** Null for a record that is no answer, or none that can be understood. */
export function decodeTopicState(record: WireRecord): { readonly id: string; readonly state: TopicState } | null {
  const read = readHeader(record, TOLD_HEADER);
  if (read === null) return null;
  const { reads, partitions, open, lag, unhealthy } = read.fields;
  if (!isCount(partitions) || !isCount(open) || !isCount(lag)) return null;
  return { id: read.id, state: { reads: reads === true, partitions, open, lag, unhealthy: unhealthy === true } };
}

function withHeader(id: string, header: string, fields: object): WireRecord {
  const headers = [
    { [CORRELATION_HEADER]: id },
    { [METADATA_HEADER]: WITHDRAWAL },
    { [header]: JSON.stringify(fields) },
  ];
  return { value: null, headers };
}

function readHeader(record: WireRecord, header: string): { id: string; fields: Record<string, unknown> } | null {
  // The usual record has just the two headers of the envelope.
  if (record.headers.length < 3) return null;
  const text = recordHeader(record.headers, header);
  const id = recordHeader(record.headers, CORRELATION_HEADER);
  if (text === null || text.length > MAX_CHARACTERS || id === null || !isPlainId(id)) return null;
  try {
    const fields: unknown = JSON.parse(text);
    return typeof fields === 'object' && fields !== null ? { id, fields: fields as Record<string, unknown> } : null;
  } catch {
    return null;
  }
}

/** More is none of ours: two topic names, and a little. */
const MAX_CHARACTERS = 1024;
