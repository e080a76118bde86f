import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import type { TraceContext } from '@kafka-http-proxy/protocol';
import type { Topic } from '../attempts/topic.js';
import type { Assignment } from '../partitions/assignment.js';
import type { OffsetEntry } from '../partitions/offset-tracker.js';
import type { TracedRun } from '../spans/traced-run.js';
import type { Asker } from './asker.js';

/** A record that was taken up, as far as it could be read: all that its end needs. */
export interface Taken {
  readonly record: KafkaRecord;
  readonly topic: Topic;
  readonly assignment: Assignment;
  readonly entry: OffsetEntry;
  /** Null where it has none that could be read. */
  readonly correlationId: string | null;
  /** Null when there is nobody who could be answered. */
  readonly asker: Asker | null;
  /** True when nobody waits for a reply: none is written. */
  readonly noReply?: boolean | undefined;
  /** True for a request that only reads (RFC 9110 §9.2.1): nothing is lost with it. */
  readonly readsOnly?: boolean | undefined;
  /** When nobody waits any longer, ms since the epoch. */
  readonly deadlineMs: number;
  /** Context that came with it; left out where it could not be read. */
  readonly trace?: TraceContext | null;
  /** True when the record does not hold the whole request. */
  readonly truncated: boolean;
}

/** One turn of a record: from when it was begun until its outcome is known. */
export interface Run {
  readonly taken: Taken;
  /** When it was begun, ms since the epoch. */
  readonly takenMs: number;
  /** Null, or left out: tracing is off, or it could not be read. */
  readonly traced?: TracedRun | null | undefined;
  /** Time spent in attempts at the backend, ms; left out where there were none. */
  readonly backendMs?: number;
  /** Null when there is nobody who could be answered. */
  readonly asker: Asker | null;
}
