export { describeDenial, grantCommand } from './client/access.js';
export {
  failureOf,
  TOPIC_AUTHORIZATION_FAILED,
} from './client/errors.js';
export { createRequestConsumer } from './consumer/request-consumer.js';
export { type EmbeddedBroker, startEmbeddedBroker } from './embedded-broker.js';
export { createCanary } from './inbox/canary.js';
export { chooseInboxPartitions, type InboxPartitionOptions } from './inbox/inbox-partition.js';
export { createInboxReader } from './inbox/inbox-reader.js';
export { INBOX_GROUP } from './inbox/reader-session.js';
export { type InspectorOptions, openInspector } from './inspect/inspector.js';
export { judgeProperties, type PropertyMistake, type PropertyUse } from './judge-properties.js';
export { principalOf } from './link/broker-failure.js';
export { type LinkEvents, listenToLink } from './link/link-events.js';
export { type LinkChange, type LinkWatch, mergeNeeds, watchLink } from './link/link-watch.js';
export type { AccessNeed, DeniedAccess } from './port/access.js';
export { KafkaClientFault, KafkaSendError, type SendFailure } from './port/failures.js';
export type { InboxOpening, InboxOwner, InboxReader, InboxReaderOptions } from './port/inbox-reader.js';
export type {
  BrokerAddress,
  ClusterState,
  KafkaInspector,
  NewTopic,
  OffsetMoment,
  OffsetRange,
  PartitionOffset,
  PartitionState,
  ReadOptions,
} from './port/inspector.js';
export type { RecordProducer } from './port/producer.js';
export type { Compression, KafkaRecord, OutgoingRecord, TopicPartition, WrittenAt } from './port/records.js';
export type { GroupProtocol, MovedOffset, RequestConsumer, RequestConsumerOptions } from './port/request-consumer.js';
export type { KafkaClientError, KafkaEvents, KafkaSettings } from './port/settings.js';
export type { TopicState, TopicStates } from './port/topics.js';
export { type AdaptiveOptions, type AdaptiveProducer, createAdaptiveProducer } from './producer/adaptive-producer.js';
export { createProducer, type ProducerOptions } from './producer/producer.js';
export { ensureTopics, type TopicCreation } from './topics/ensure-topics.js';
export { createTopicKeeper, type KeptTopics, type TopicKeeper } from './topics/topic-keeper.js';
