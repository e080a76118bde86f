import { isPlainId } from '../basics/plain-id.js';
import { type HeaderList, isFieldValue, isHost, isToken } from '../header-list.js';
import { isLegalTopic } from '../topics.js';
import type { Inbox, ReplyAddress, Sequence } from './envelope.js';
import { MAX_REPLY_LINES } from './limits.js';

/*
 * The fields of version 2's metadata, each with its check: JSON.parse gives anything, and nothing of
 * it is trusted.
 */

/** The metadata of a record, as JSON.parse gives it. */
export type Metadata = Readonly<Record<string, unknown>>;

/** RFC 9112 §3.2: origin form or `*`; no space, no control, nothing above one byte. */
const TARGET = /^(?:\/[\x21-\x7e\x80-\xff]*|\*)$/;

/** True for what may stand as the target in a request line. */
export function isTarget(value: string): boolean {
  return TARGET.test(value);
}

/** A flat list of legal names and values, of so many lines at most. */
export function isHeaderList(value: unknown, maxLines: number): value is HeaderList {
  if (!Array.isArray(value) || value.length % 2 !== 0 || value.length > 2 * maxLines) return false;
  for (let i = 0; i < value.length; i += 2) {
    const name: unknown = value[i];
    const content: unknown = value[i + 1];
    if (typeof name !== 'string' || typeof content !== 'string') return false;
    if (!isToken(name) || !isFieldValue(content)) return false;
  }
  return true;
}

/** A method that can be sent on. CONNECT can't, and HTTP clients write any case of it in capitals. */
export function isMethod(value: unknown): value is string {
  return typeof value === 'string' && isToken(value) && !(value.length === 7 && value.toUpperCase() === 'CONNECT');
}

/** True for a head with one valid Host at most (RFC 9112 §3.2). */
export function isHostClear(headers: HeaderList): boolean {
  let hosts = 0;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length !== 4 || name.toLowerCase() !== 'host') continue;
    if (++hosts > 1 || !isHost(headers[i + 1] as string)) return false;
  }
  return true;
}

/** True for a status that ends an exchange. */
export function isFinalStatus(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 200 && (value as number) <= 999;
}

/** True for a whole number, 0 or more. */
export function isCount(value: unknown): value is number {
  // JSON has a zero below zero, which would not come out as it went in.
  return Number.isSafeInteger(value) && (value as number) >= 0 && !Object.is(value, -0);
}

/** True for a number above 0: ms since the epoch. */
export function isTimestamp(value: unknown): value is number {
  return Number.isFinite(value) && (value as number) > 0;
}

/** True for a name that Kafka would take. */
export function isTopicName(value: unknown): value is string {
  return typeof value === 'string' && isLegalTopic(value);
}

/** A reply address as `khp` has it. */
export function addressToWire(address: ReplyAddress): [string, number | null] {
  return [address.topic, address.partition];
}

/** Null when absent, undefined when malformed. */
export function addressFromWire(value: unknown): ReplyAddress | null | undefined {
  if (value === undefined) return null;
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [topic, partition] = value as [unknown, unknown];
  if (typeof topic !== 'string' || !isLegalTopic(topic)) return undefined;
  if (partition !== null && !(isCount(partition) && partition <= 0x7fffffff)) return undefined;
  return { topic, partition };
}

/** Writes those fields of a sequence that are set into the metadata. */
export function sequenceToWire(sequence: Sequence, into: Record<string, unknown>): void {
  if (sequence.seq !== null) into.seq = sequence.seq;
  if (sequence.end) into.end = true;
  if (sequence.exec !== null) into.exec = sequence.exec;
  if (sequence.inbox !== null) into.inbox = addressToWire(sequence.inbox);
  if (sequence.credit !== null) into.credit = sequence.credit;
  if (sequence.cancel) into.cancel = true;
}

/** Null when no field of a sequence is present; a sentence when one is malformed. */
export function sequenceFromWire(metadata: Metadata): Sequence | null | string {
  const { seq, end, exec, inbox, credit, cancel } = metadata;
  if (
    seq === undefined &&
    end === undefined &&
    exec === undefined &&
    inbox === undefined &&
    credit === undefined &&
    cancel === undefined
  ) {
    return null;
  }
  if (seq !== undefined && !isCount(seq)) return '"seq" must be a count';
  if (end !== undefined && end !== true) return '"end" must be true where it is present';
  if (exec !== undefined && (typeof exec !== 'string' || !isPlainId(exec))) return '"exec" must be an id';
  if (credit !== undefined && !isCount(credit)) return '"credit" must be a byte offset';
  if (cancel !== undefined && cancel !== true) return '"cancel" must be true where it is present';
  const address = addressFromWire(inbox);
  if (address === undefined || address?.partition === null) return '"inbox" must be [topic, partition]';
  return {
    seq: seq ?? null,
    end: end === true,
    exec: exec ?? null,
    inbox: address as Inbox | null,
    credit: credit ?? null,
    cancel: cancel === true,
  };
}

/** Null when absent, undefined when malformed. */
export function trailersFromWire({ trailers }: Metadata): HeaderList | null | undefined {
  if (trailers === undefined) return null;
  return isHeaderList(trailers, MAX_REPLY_LINES) ? trailers : undefined;
}
