import type { OutgoingRecord } from '@kafka-http-proxy/kafka';
import {
  type ContinuationEnvelope,
  decodeInbox,
  encodeContinuationV2,
  type InboxRecord,
  NO_SEQUENCE,
  type Sequence,
} from '@kafka-http-proxy/protocol';
import type { BackendSink } from '../backend/backend.js';
import type { BackendRequest } from '../backend/backend-request.js';
import { pipeline } from './pipeline.js';
import { record } from './samples.js';

/** A pipeline whose backend is played by the test, one call at a time. */
export function played(options: Parameters<typeof pipeline>[0] = {}) {
  const calls: { request: BackendRequest; sink: BackendSink }[] = [];
  const made = pipeline({ ...options, respond: (request, sink) => calls.push({ request, sink }) });
  const parts = (): InboxRecord[] => made.producer.to('responses').map(read);
  const fromProxy = (sequence: Partial<Sequence>, more: Partial<ContinuationEnvelope> = {}) => {
    const part = { correlationId: 'nonce123-1', error: null, body: null, trailers: null, ...more };
    const { value, headers } = encodeContinuationV2({ ...part, sequence: { ...NO_SEQUENCE, ...sequence } });
    made.conversations.take({
      ...record({ topic: 'khp-control', partition: 2, value }),
      headers: headers.map((one) => Object.fromEntries(Object.entries(one).map(([k, v]) => [k, Buffer.from(v)]))),
    });
  };
  return { ...made, calls, parts, fromProxy };
}

/** A record as its proxy reads it. */
function read(sent: OutgoingRecord): InboxRecord {
  const found = decodeInbox(sent);
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
}

/** The first record of a reply. */
export function head(part: InboxRecord | undefined) {
  if (part?.kind !== 'reply') throw new Error('no reply');
  return part.reply;
}

/** A record of a sequence behind its first. */
export function later(part: InboxRecord | undefined): ContinuationEnvelope {
  if (part?.kind !== 'continuation') throw new Error('no continuation');
  return part.part;
}

/** The head of an answer of events. */
export const EVENTS = { status: 200, reason: null, headers: ['Content-Type', 'text/event-stream'] };
/** The head of any other answer of no announced length. */
export const CHUNKED = { status: 200, reason: null, headers: ['Content-Type', 'text/plain'] };
