import { connect, disconnect } from '../client/connect.js';
import { CODE, fault } from '../client/errors.js';
import { librdkafka, type RdCommitted, type RdConsumer, type RdError } from '../client/librdkafka.js';
import { clientConfig } from '../client/settings.js';
import type { PartitionOffset } from '../port/inspector.js';
import type { TopicPartition } from '../port/records.js';
import type { KafkaSettings } from '../port/settings.js';

/** How long one question may take, ms: it can't be cut short, and the client lives on until it is answered. */
const QUESTION_MS = 1000;
const QUESTIONS = 5;
const POLL_MS = 50;

/**
 * What a group has committed, without joining it: a consumer that only asks. `listConsumerGroupOffsets` would end the
 * process on an error of the group (see `access.ts`).
 *
 * @throws {KafkaClientFault} when Kafka does not tell; with GROUP_AUTHORIZATION_FAILED when it denies Describe on the group
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
  const refusal = listenForRefusal(client);
  try {
    for (let asked = 1; ; asked++) {
      try {
        const found = await ask(client, partitions);
        return found.flatMap(({ topic, partition, offset }) =>
          offset === undefined || offset < 0 ? [] : [{ topic, partition, offset }],
        );
      } catch (error) {
        const doing = `the offsets that group ${group} has committed`;
        if (refusal.heard() !== null) throw fault(doing, refusal.heard());
        const failed = fault(doing, error);
        if (failed.code !== CODE.timedOut || asked === QUESTIONS || signal.aborted) throw failed;
      }
    }
  } finally {
    await refusal.end();
    await disconnect(client);
  }
}

function ask(client: RdConsumer, partitions: readonly TopicPartition[]): Promise<RdCommitted[]> {
  return new Promise((resolve, reject) => {
    client.committed(partitions, QUESTION_MS, (error, offsets) => (error ? reject(error) : resolve(offsets)));
  });
}

/** Hears that Kafka denies the group: a question only times out then, and the reason comes by the way of records. */
function listenForRefusal(client: RdConsumer): { heard(): unknown; end(): Promise<void> } {
  let refused: unknown = null;
  let ended = false;
  client.setDefaultConsumeTimeout(POLL_MS);
  const poll = async (): Promise<void> => {
    while (!ended && refused === null && client.isConnected()) {
      const error = await new Promise<RdError | null>((resolve) =>
        client.consume(1, (failed) => resolve(failed ?? null)),
      );
      if (error?.code === CODE.groupNotAuthorized) refused = error;
    }
  };
  const polling = poll();
  return {
    heard: () => refused,
    async end() {
      ended = true;
      await polling;
    },
  };
}
