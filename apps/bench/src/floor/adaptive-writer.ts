import type { MessageHeader } from '@confluentinc/kafka-javascript';
import type { BrokerUnderTest } from '@kafka-http-proxy/testkit';
import { openProducer } from '../connections/kafka-clients.js';

/** Writes records of the floor: without delivery reports, and no error is told. */
export interface AdaptiveWriter {
  /** @param inFlight requests that are under way, this one included */
  write(
    topic: string,
    partition: number | null,
    value: Buffer | null,
    headers: MessageHeader[],
    inFlight: number,
  ): void;
}

/** Up to so many requests under way a record is sent at once; with more it waits for others, for {@link LINGER_MS}. */
const PROMPT_UP_TO = 4;
const LINGER_MS = 1;

/** Two producers: librdkafka's linger is fixed for each. */
export async function openAdaptiveWriter(broker: BrokerUnderTest): Promise<AdaptiveWriter> {
  const [prompt, batching] = await Promise.all([
    openProducer(broker, { 'linger.ms': 0 }),
    openProducer(broker, { 'linger.ms': LINGER_MS }),
  ]);
  return {
    write(topic, partition, value, headers, inFlight) {
      const producer = inFlight > PROMPT_UP_TO ? batching : prompt;
      producer.produce(topic, partition, value, null, null, undefined, headers);
    },
  };
}
