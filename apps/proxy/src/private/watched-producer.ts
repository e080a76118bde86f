import type { RecordProducer, WrittenAt } from '@kafka-http-proxy/kafka';
import { CORRELATION_HEADER, recordHeader } from '@kafka-http-proxy/protocol';

/** A request that Kafka has. */
export interface Sent extends WrittenAt {
  readonly correlationId: string;
  readonly topic: string;
  /** When it was handed to the Kafka client, ms since the epoch. */
  readonly atMs: number;
  /** From then until it was acknowledged, ms. */
  readonly publishMs: number;
}

/** A producer whose delivery reports somebody hears of. */
export function watchedProducer(
  producer: () => RecordProducer | null,
  sent: (sent: Sent) => void,
): () => Pick<RecordProducer, 'send'> | null {
  return () => {
    const real = producer();
    if (real === null) return null;
    return {
      send(record, settled) {
        const atMs = Date.now();
        const begun = performance.now();
        const correlationId = recordHeader(record.headers, CORRELATION_HEADER) ?? '';
        real.send(record, (error, at) => {
          if (at) sent({ ...at, correlationId, topic: record.topic, atMs, publishMs: performance.now() - begun });
          settled(error, at);
        });
      },
    };
  };
}
