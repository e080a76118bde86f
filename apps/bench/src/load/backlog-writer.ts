import { encodeRequest } from '@kafka-http-proxy/protocol';
import type { BrokerUnderTest } from '@kafka-http-proxy/testkit';
import { openProducer } from '../connections/kafka-clients.js';

/** Records that go to the client at a time: its queue holds 100,000. */
const AT_A_TIME = 50_000;

/** Fills a request topic as a proxy would have, had nobody read it. */
export async function role({ broker }: { readonly broker: BrokerUnderTest }) {
  const producer = await openProducer(broker, {
    'linger.ms': 20,
    // Records of one batch go to one partition: short turns share them out evenly.
    'sticky.partitioning.linger.ms': 1,
  });
  const flushed = (): Promise<void> =>
    new Promise((resolve, reject) => producer.flush(60_000, (error) => (error ? reject(error) : resolve())));
  return {
    /** @param deadlineMs when nobody waits any longer, ms since the epoch */
    async write(topic: string, responseTopic: string, count: number, deadlineMs: number): Promise<void> {
      for (let i = 0; i < count; i++) {
        const { value, headers } = encodeRequest({
          version: 2,
          correlationId: `backlog-${i}`,
          method: 'GET',
          target: '/small',
          headers: ['Host', 'backend', 'Accept', '*/*'],
          client: '127.0.0.1',
          deadlineMs,
          reply: { topic: responseTopic, partition: 0 },
          trace: null,
          body: null,
          trailers: null,
          more: false,
        });
        producer.produce(topic, null, value, null, null, undefined, [...headers]);
        if ((i + 1) % AT_A_TIME === 0) await flushed();
      }
      await flushed();
    },
  };
}
