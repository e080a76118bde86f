import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import { decodeInbox, decodeTopicState, type EnvelopeFault, oversized } from '@kafka-http-proxy/protocol';
import type { Exchange } from './exchange.js';
import type { Whereabouts } from './whereabouts.js';

/** Takes each record of the response topics. */
export type ReplySink = (record: KafkaRecord) => void;

/**
 * Reads records of response topics: replies go on to `settle`, what comes behind them or ahead of
 * them to `take`; what is neither is counted and dropped. Anybody may write to a topic, so nothing
 * here throws.
 */
export function createReplySink(
  { settle, take }: Pick<Exchange, 'settle' | 'take'>,
  malformed: (fault: EnvelopeFault) => void,
  maxRecordBytes: number,
  answered: Whereabouts['answered'] = () => undefined,
): ReplySink {
  return (record) => {
    const large = oversized(record, maxRecordBytes);
    if (large !== null) {
      malformed(large.fault);
      return;
    }
    const told = decodeTopicState(record);
    if (told !== null) {
      answered(told.id, told.state);
      return;
    }
    const read = decodeInbox(record);
    if (!read.ok) malformed(read.error.fault);
    else if (read.value.kind === 'reply') settle(read.value.reply);
    else take(read.value.part);
  };
}
