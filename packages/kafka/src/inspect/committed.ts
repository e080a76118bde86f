import { connect, disconnect } from '../client/connect.js';
import { fault } from '../client/errors.js';
import { librdkafka, type RdCommitted, type RdConsumer } from '../client/librdkafka.js';
import { clientConfig } from '../client/settings.js';
import type { PartitionOffset } from '../port/inspector.js';
import type { TopicPartition } from '../port/records.js';
import type { KafkaSettings } from '../port/settings.js';

const TIMEOUT_MS = 5000;

/**
 * What a group has committed, without joining it: a consumer that only asks. `listConsumerGroupOffsets` would end the
 * process on an error of the group (see `access.ts`).
 *
 * @throws {KafkaClientFault} when Kafka does not tell
 */
export async function committedOf(
  settings: KafkaSettings,
  group: string,
  partitions: readonly TopicPartition[],
  signal: AbortSignal,
): Promise<PartitionOffset[]> {
  if (partitions.length === 0) return [];
  const config = clientConfig(settings, 'request_consumer', {}, { 'group.id': group, 'enable.auto.commit': false });
  const make = (): RdConsumer => new librdkafka.KafkaConsumer(config);
  const client = await connect('request_consumer', settings.events, make, signal);
  try {
    const found = await new Promise<RdCommitted[]>((resolve, reject) => {
      client.committed(partitions, TIMEOUT_MS, (error, offsets) => (error ? reject(error) : resolve(offsets)));
    });
    return found.flatMap(({ topic, partition, offset }) =>
      offset === undefined || offset < 0 ? [] : [{ topic, partition, offset }],
    );
  } catch (error) {
    throw fault(`the offsets that group ${group} has committed`, error);
  } finally {
    await disconnect(client);
  }
}
