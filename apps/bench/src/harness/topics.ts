import { randomBytes } from 'node:crypto';
import kafka from '@confluentinc/kafka-javascript';
import { ensureTopics, type KafkaSettings } from '@kafka-http-proxy/kafka';
import type { BrokerUnderTest } from '@kafka-http-proxy/testkit';

/** A name that no other run has. */
export function freshName(): string {
  return `bench-${randomBytes(4).toString('hex')}`;
}

/** Makes topics of one partition: order is what a stream needs, and one partition is the slowest case. */
export async function createTopics(broker: BrokerUnderTest, topics: readonly string[], partitions = 1): Promise<void> {
  const settings: KafkaSettings = {
    ...broker,
    clientId: 'bench',
    maxRecordBytes: 1_000_000,
    events: { error: () => undefined, log: () => undefined, restarted: () => undefined },
  };
  await ensureTopics(settings, topics, { partitions, replicationFactor: -1, timeoutMs: 30_000 });
}

/** Removes what was written: a gibibyte each time would fill a disk, and the page cache. Topics that are not there are fine. */
export async function deleteTopics(broker: BrokerUnderTest, topics: readonly string[]): Promise<void> {
  const admin = kafka.AdminClient.create({ ...broker.properties, 'bootstrap.servers': broker.bootstrapServers });
  for (const topic of topics) await new Promise<void>((resolve) => admin.deleteTopic(topic, 10_000, () => resolve()));
  admin.disconnect();
}
