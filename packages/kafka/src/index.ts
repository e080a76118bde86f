export { type AccessNeed, type DeniedAccess, describeDenial } from './client/access.js';
export {
  failureOf,
  /** @deprecated The word reads as a verb; use `failureOf`. */
  failureOf as sendFailure,
  TOPIC_AUTHORIZATION_FAILED,
} from './client/errors.js';
export { retryDelayMs } from './client/timing.js';
export { createRequestConsumer } from './consumer/request-consumer.js';
export { type EmbeddedBroker, startEmbeddedBroker } from './embedded-broker.js';
export type { InboxOwner } from './inbox/canary.js';
export { chooseInboxPartitions, type InboxPartitionOptions } from './inbox/inbox-partition.js';
export { createInboxReader } from './inbox/inbox-reader.js';
export { INBOX_GROUP } from './inbox/reader-session.js';
export { judgeProperties, type PropertyMistake, type PropertyUse } from './judge-properties.js';
export { type LinkWatch, mergeNeeds, watchLink } from './link/link-watch.js';
export {
  type Compression,
  type GroupProtocol,
  type InboxOpening,
  type InboxReader,
  type InboxReaderOptions,
  type KafkaClientError,
  KafkaClientFault,
  type KafkaEvents,
  type KafkaRecord,
  KafkaSendError,
  type KafkaSettings,
  type MovedOffset,
  type OutgoingRecord,
  type RecordProducer,
  type RequestConsumer,
  type RequestConsumerOptions,
  type SendFailure,
  type TopicPartition,
} from './port.js';
export { type AdaptiveOptions, createAdaptiveProducer } from './producer/adaptive-producer.js';
export { createProducer, type ProducerOptions } from './producer/producer.js';
export { ensureTopics, type TopicCreation } from './topics/ensure-topics.js';
export { createTopicKeeper, type TopicKeeper } from './topics/topic-keeper.js';
export type { TopicState, TopicStates } from './topics/topic-states.js';
