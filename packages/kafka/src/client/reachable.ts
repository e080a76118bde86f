import type { KafkaSettings } from '../port/settings.js';
import { disconnect } from './connect.js';
import { librdkafka, type RdProducer } from './librdkafka.js';
import { clientConfig } from './settings.js';

/** ms. */
const PATIENCE_MS = 3000;

/**
 * A second opinion on a Kafka that a client can't reach: whether one made just now can. A client may have lost sight
 * of every broker for good (librdkafka#5301: metadata that named none).
 */
export async function isReachable(settings: KafkaSettings): Promise<boolean> {
  const client: RdProducer = new librdkafka.Producer(clientConfig(settings, 'admin', {}, {}));
  const ignored = () => undefined;
  client.on('event.error', ignored);
  client.on('error', ignored);
  const answered = await new Promise<boolean>((resolve) => {
    client.connect({ allTopics: false, timeout: PATIENCE_MS }, (error, found) =>
      resolve(!error && found.brokers.length > 0),
    );
  });
  await disconnect(client);
  return answered;
}
