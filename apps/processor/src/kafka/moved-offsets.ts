import type { MovedOffset } from '@kafka-http-proxy/kafka';
import type { Logger } from '@kafka-http-proxy/service';

export interface MovedOffsetsOptions {
  readonly logger: Pick<Logger, 'error' | 'warn'>;
  /** Counts requests that Kafka deleted before they were read. */
  readonly skipped: (topic: string, count: number) => void;
}

/** Says why reading does not go on where it was, and counts what nobody has read. */
export function tellMovedOffsets({ logger, skipped }: MovedOffsetsOptions): (moved: MovedOffset) => void {
  return ({ topic, partition, why, from, to }) => {
    if (why === 'another_topic' || to === undefined) {
      const facts = { topic, partition, committed: from };
      logger.warn(facts, 'the committed offset is of a deleted topic of this name: reading begins at the first record');
      return;
    }
    const records = to - from;
    skipped(topic, records);
    const facts = { topic, partition, from, to, records };
    logger.error(
      facts,
      'requests were deleted before they were read: retention of the topic is shorter than the backlog',
    );
  };
}
