import { metadata } from '../client/connect.js';
import { CODE } from '../client/errors.js';
import type { RdAdmin, RdClient, RdDescribed } from '../client/librdkafka.js';
import type { TopicState, TopicStates } from '../port/topics.js';

/** Of a broker that has no ids. */
const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA';

/**
 * Asks a broker about topics, past what the client believes, and never creates one.
 *
 * @throws {RdError} when no broker answers in `timeoutMs`
 */
export async function describeTopics(
  admin: RdAdmin,
  topics: readonly string[],
  timeoutMs: number,
): Promise<TopicStates> {
  const options = { timeout: timeoutMs, includeAuthorizedOperations: false };
  const found = await new Promise<RdDescribed[]>((resolve, reject) => {
    admin.describeTopics(topics, options, (error, described) => (error ? reject(error) : resolve(described)));
  });
  const states = new Map<string, TopicState | null>();
  for (const { name, error, topicId, partitions } of found) {
    if (error?.code === CODE.unknownTopicOrPartition) states.set(name, null);
    if (error?.code || !partitions?.length) continue;
    const id = topicId?.base64;
    states.set(name, { id: id && !id.startsWith(NO_ID) ? id : null, partitions: partitions.length });
  }
  return states;
}

/** The same of brokers that do not answer {@link describeTopics}. @throws {KafkaClientFault} when no broker answers */
export async function listTopics(client: RdClient, topics: readonly string[], timeoutMs: number): Promise<TopicStates> {
  const found = await metadata(client, null, timeoutMs);
  return new Map(
    topics.map((topic) => {
      const partitions = found.topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
      return [topic, partitions === 0 ? null : { id: null, partitions }];
    }),
  );
}
