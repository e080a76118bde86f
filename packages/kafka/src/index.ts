export { type AccessNeed, type DeniedAccess, describeDenial } from './access.js';
export { type AdaptiveOptions, createAdaptiveProducer } from './adaptive-producer.js';
export type { InboxOwner } from './canary.js';
export { type EmbeddedBroker, startEmbeddedBroker } from './embedded-broker.js';
export { ensureTopics, type TopicCreation } from './ensure-topics.js';
export { sendFailure } from './errors.js';
export { chooseInboxPartitions, type InboxPartitionOptions } from './inbox-partition.js';
export { createInboxReader } from './inbox-reader.js';
export { judgeProperties, type PropertyMistake, type PropertyUse } from './judge-properties.js';
export { type LinkWatch, mergeNeeds, watchLink } from './link-watch.js';
export { createProducer, type ProducerOptions } from './producer.js';
export { INBOX_GROUP } from './reader-session.js';
export { createRequestConsumer } from './request-consumer.js';
export { retryDelayMs } from './timing.js';
export { createTopicKeeper, type TopicKeeper } from './topic-keeper.js';
export type { TopicState, TopicStates } from './topic-states.js';
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
} from './types.js';
