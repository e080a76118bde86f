import type { RecordView } from './record-view.js';

/**
 * What a line says that a record is. `part`: more of a body; `control`: credit, a claim, a sign of life, a withdrawal,
 * a question of a proxy; `unreadable`: none of this protocol.
 */
export type EntryKind = 'request' | 'reply' | 'part' | 'letter' | 'control' | 'canary' | 'unreadable';

/** What a list keeps of a record: a line of it, and nothing of its bytes. The correlation id is whole: never to be shown. */
export interface Entry
  extends Pick<RecordView, 'correlationId' | 'id' | 'method' | 'target' | 'status' | 'code' | 'client' | 'principal'> {
  /** Of the record, ms since the epoch. */
  readonly timeMs: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly kind: EntryKind;
  /** Of the body in this record. */
  readonly bytes: number;
  /** Of a request: when nobody waits any longer, ms since the epoch. */
  readonly deadlineMs: number | null;
  /** Of a request: the topic that its reply is to go to. */
  readonly replyTopic: string | null;
  /** Of a reply: from taking the request up to its first record, ms. */
  readonly tookMs: number | null;
  /** Of a request or reply whose body goes on, and of its parts. */
  readonly sequence: { readonly exec: string | null; readonly isLast: boolean } | null;
  /** Of an unreadable one. */
  readonly fault: string | null;
}

/** What is kept of a record. */
export function entryOf(view: RecordView): Entry {
  const { record, correlationId, id, method, target, status, code, client, principal, request, reply } = view;
  const { topic, partition, offset, timestampMs: timeMs } = record;
  const body = request?.body ?? reply?.body ?? view.part?.body ?? (view.kind === 'other' ? record.value : null);
  return {
    timeMs,
    topic,
    partition,
    offset,
    kind: kindOf(view),
    correlationId,
    id,
    method,
    target,
    status,
    code,
    client,
    principal,
    bytes: body?.length ?? 0,
    deadlineMs: request?.deadlineMs ?? null,
    replyTopic: request?.reply?.topic ?? null,
    tookMs: reply?.tookMs ?? null,
    sequence: sequenceOf(view),
    fault: view.fault?.message ?? null,
  };
}

function kindOf({ kind, part, fault }: RecordView): EntryKind {
  if (kind === 'other') return fault === null ? 'canary' : 'unreadable';
  if (kind !== 'part' || part === null) return kind;
  const { seq, end } = part.sequence;
  return seq !== null || end ? 'part' : 'control';
}

function sequenceOf({ request, reply, part }: RecordView): Entry['sequence'] {
  const sequence = reply?.sequence ?? part?.sequence ?? null;
  if (sequence !== null) return { exec: sequence.exec, isLast: sequence.end || part?.error != null };
  return request?.more === true ? { exec: null, isLast: false } : null;
}

/** What puts records in order. */
type Placed = Pick<Entry, 'timeMs' | 'topic' | 'partition' | 'offset'>;

/** The order of lists: by time, and of one time by place, so that it is the same each time. */
export function byTime(a: Placed, b: Placed): number {
  const topics = a.topic < b.topic ? -1 : 1;
  return a.timeMs - b.timeMs || (a.topic === b.topic ? a.partition - b.partition || a.offset - b.offset : topics);
}
