import type { KafkaRecord, RecordProducer } from '@kafka-http-proxy/kafka';
import { decodeInquiry, encodeTopicState, type TopicState } from '@kafka-http-proxy/protocol';
import type { Clock } from '@kafka-http-proxy/streams';

/** Answers what proxies ask of a request topic after a timeout. True: the record was such a question. */
export type Informant = (record: KafkaRecord) => boolean;

export interface InformantOptions {
  /** Of a topic that this processor is configured for; null of another. */
  readonly stateOf: (topic: string) => TopicState | null;
  /** Whether an answer may go to a topic: for a request topic that is not ours, null. */
  readonly allowsReplyTo: (requestTopic: string | null, replyTopic: string) => boolean;
  readonly producer: Pick<RecordProducer, 'send'>;
  readonly clock: Clock;
}

/** Most answers a second: anybody who may write to the control topic can ask. */
const MOST_A_SECOND = 20;

const OTHER: TopicState = { reads: false, partitions: 0, open: 0, lag: 0, unhealthy: false };

/**
 * An answer goes only where a reply might, and says nothing of any topic but the one that was asked about.
 *
 * @example
 * const informant = createInformant({ stateOf, allowsReplyTo, producer, clock });
 * if (!informant(record)) conversations.take(record);
 */
export function createInformant({ stateOf, allowsReplyTo, producer, clock }: InformantOptions): Informant {
  let second = 0;
  let answers = 0;
  const mayAnswer = () => {
    const now = Math.floor(clock.now() / 1000);
    if (now !== second) answers = 0;
    second = now;
    return ++answers <= MOST_A_SECOND;
  };
  return (record) => {
    const inquiry = decodeInquiry(record);
    if (inquiry === null) return false;
    const { id, topic, reply } = inquiry;
    const state = stateOf(topic);
    if (!allowsReplyTo(state === null ? null : topic, reply.topic) || !mayAnswer()) return true;
    const { value, headers } = encodeTopicState(id, state ?? OTHER);
    const answer = { topic: reply.topic, partition: reply.partition, key: null, value, headers, unordered: true };
    // Who asked does without where it can't be written.
    producer.send(answer, () => undefined);
    return true;
  };
}
