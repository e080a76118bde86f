import { isDeepStrictEqual } from 'node:util';
import { type AccessNeed, type Compression, INBOX_GROUP, type KeptTopics, mergeNeeds } from '@kafka-http-proxy/kafka';
import type { ProcessorConfig, TopicConfig } from '@kafka-http-proxy/protocol';

/* What a processor needs of Kafka, by its configuration. */

/** One consumer a group, for all its topics, as in 1.0.1. */
export function groupsOf(config: Pick<ProcessorConfig, 'topics'>): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { consumer_group: group, request_topic: topic } of config.topics) {
    groups.set(group, [...(groups.get(group) ?? []), topic]);
  }
  return groups;
}

/** The topics that have to be there before requests are taken. */
export function topicsOf(config: Pick<ProcessorConfig, 'topics' | 'dead_letter_topic'>): string[] {
  const unasked = replyTopicsNotAsked(config);
  const names = config.topics
    .flatMap((topic) => [topic.request_topic, topic.response_topic])
    .filter((topic) => !unasked.has(topic));
  if (config.dead_letter_topic !== undefined) names.push(config.dead_letter_topic);
  return [...new Set(names)];
}

/** How topics are made that are missing. */
export function creationOf({ kafka }: Pick<ProcessorConfig, 'kafka'>) {
  return { partitions: kafka.topic_partitions, replicationFactor: kafka.replication_factor };
}

/** What is kept in Kafka for as long as a configuration holds. */
export function keptBy(config: ProcessorConfig): KeptTopics {
  return {
    needed: topicsOf(config),
    optional: config.max_streams > 0 ? [config.control_topic] : [],
    watched: [...replyTopicsNotAsked(config)],
    creation: config.kafka.create_topics ? creationOf(config) : null,
  };
}

/** What replies are compressed by. */
export function codecsOf({ topics }: Pick<ProcessorConfig, 'topics'>): Compression[] {
  return topics.flatMap(({ compression }) => (compression === 'none' ? [] : [compression]));
}

/** Response topics that nobody has set. Only a request of version 1 that names none is answered there. */
function replyTopicsNotAsked({ topics }: Pick<ProcessorConfig, 'topics'>): Set<string> {
  return new Set(topics.filter(isNotAsked).map((topic) => topic.response_topic));
}

/** It has its default: who set the same by hand is taken for one who did not. */
function isNotAsked({ request_topic: request, response_topic: response }: TopicConfig): boolean {
  return response === `${request}-responses`;
}

/** What Kafka has to let a processor do; Describe comes with Read and with Write. */
export function needsOf(
  config: Pick<ProcessorConfig, 'topics' | 'dead_letter_topic' | 'control_topic' | 'max_streams'>,
): AccessNeed[] {
  const needs: AccessNeed[] = config.topics.flatMap((topic): AccessNeed[] => [
    { resource: 'topic', name: topic.request_topic, operations: ['Read'] },
    // Where it was not set, replies may all go elsewhere: each request says where to.
    {
      resource: 'topic',
      name: topic.response_topic,
      operations: ['Write'],
      optional: isNotAsked(topic) ? 'unused' : false,
    },
    { resource: 'group', name: topic.consumer_group, operations: ['Read'] },
  ]);
  if (config.dead_letter_topic !== undefined) {
    needs.push({ resource: 'topic', name: config.dead_letter_topic, operations: ['Write'] });
  }
  if (config.max_streams > 0) {
    needs.push({ resource: 'topic', name: config.control_topic, operations: ['Read', 'Write'], optional: true });
    needs.push({ resource: 'group', name: INBOX_GROUP, operations: ['Describe'], optional: true });
  }
  return mergeNeeds(needs);
}

/** True where all that a configuration needs of Kafka was needed by another one already. */
export function needsNothingNew(before: Parameters<typeof needsOf>[0], now: Parameters<typeof needsOf>[0]): boolean {
  const known = needsOf(before);
  return needsOf(now).every((need) => known.some((one) => isDeepStrictEqual(one, need)));
}
