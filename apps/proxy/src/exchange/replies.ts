import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import {
  decodeInbox,
  decodeTopicState,
  type EnvelopeFault,
  oversized,
  type ReplyEnvelope,
} from '@kafka-http-proxy/protocol';
import type { Settlement } from './settlement.js';
import type { Whereabouts } from './whereabouts.js';

/** Takes each record of the response topics. */
export type ReplySink = (record: KafkaRecord) => void;

/** Where records of response topics go. */
export interface ReplySinkDeps {
  readonly settlement: Settlement;
  readonly whereabouts: Pick<Whereabouts, 'answered'>;
  /** A record that is none of what is expected there. */
  readonly malformed: (fault: EnvelopeFault) => void;
  /** Largest record, bytes of value and headers. */
  readonly maxRecordBytes: number;
}

/**
 * Reads records of response topics: replies, what comes behind them or ahead of them, and answers to questions about
 * topics. What is none of these is counted and dropped. Anybody may write to a topic, so nothing here throws.
 *
 * @example
 * const sink = createReplySink({ settlement, whereabouts, malformed, maxRecordBytes: 1_000_000 });
 * await link.start({ onRecord: sink, inFlight });
 */
export function createReplySink({ settlement, whereabouts, malformed, maxRecordBytes }: ReplySinkDeps): ReplySink {
  const { settle, take } = settlement;
  const { answered } = whereabouts;
  return (record) => {
    const large = oversized(record, maxRecordBytes);
    if (large !== null) {
      malformed(large.fault);
      return;
    }
    const answer = decodeTopicState(record);
    if (answer !== null) {
      answered(answer.id, answer.state);
      return;
    }
    const read = decodeInbox(record);
    if (!read.ok) malformed(read.error.fault);
    else if (read.value.kind === 'reply') settle(located(read.value.reply, record));
    else take(read.value.part);
  };
}

/** A reply that is sampled says where it was read. */
function located(reply: ReplyEnvelope, { partition, offset }: KafkaRecord): ReplyEnvelope {
  if (reply.trace !== undefined) reply.at = { partition, offset };
  return reply;
}
