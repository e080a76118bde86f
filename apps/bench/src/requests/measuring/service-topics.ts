import { type BrokerUnderTest, brokerEnv } from '@kafka-http-proxy/testkit';
import { createTopics, deleteTopics, freshName } from '../../harness/topics.js';
import { PARTITIONS } from './pair.js';

/** Topics for services that are started by themselves, one at a time. */
export interface ServiceTopics {
  readonly requests: string;
  readonly responses: string;
  /** What leads each tier to them. */
  readonly env: Readonly<Record<'proxy' | 'processor', Readonly<Record<string, string>>>>;
  remove(): Promise<void>;
}

export async function createServiceTopics(broker: BrokerUnderTest, backend: string): Promise<ServiceTopics> {
  const name = freshName();
  const [requests, responses, failed, control] = [
    `${name}-requests`,
    `${name}-responses`,
    `${name}-failed`,
    `${name}-control`,
  ];
  const topics = [requests, responses, failed, control];
  await createTopics(broker, topics, PARTITIONS);
  const common = { ...brokerEnv(broker), DEAD_LETTER_TOPIC: failed, CONTROL_TOPIC: control };
  return {
    requests,
    responses,
    env: {
      proxy: { ...common, DEFAULT_REQUEST_TOPIC: requests, DEFAULT_RESPONSE_TOPIC: responses, PROXY_PORT: '0' },
      processor: {
        ...common,
        KAFKA_TOPICS: `bench:${requests},${responses},${backend}`,
        CONSUMER_GROUP_BENCH: name,
      },
    },
    remove: () => deleteTopics(broker, topics),
  };
}
