import { type AccessNeed, INBOX_GROUP, mergeNeeds } from '@kafka-http-proxy/kafka';
import type { ProxyConfig } from '@kafka-http-proxy/protocol';
import { configuredRequestTopics, configuredResponseTopics } from '../configured.js';

/** What Kafka has to let a proxy do; Describe comes with Read and with Write. */
export function needsOf(config: ProxyConfig): AccessNeed[] {
  const topic = (name: string, ...operations: AccessNeed['operations']): AccessNeed => ({
    resource: 'topic',
    name,
    operations,
  });
  return mergeNeeds([
    ...[...configuredRequestTopics(config)].map((name) => topic(name, 'Write')),
    // Written to by the canaries.
    ...[...configuredResponseTopics(config)].map((name) => topic(name, 'Read', 'Write')),
    { resource: 'group', name: INBOX_GROUP, operations: ['Describe'] },
    ...(hasStreams(config) ? [{ ...topic(config.control_topic, 'Write'), optional: true }] : []),
  ]);
}

/** Whether bodies may be longer than a record. */
export function hasStreams(config: ProxyConfig): boolean {
  return config.wire !== 'v1' && config.max_streams > 0;
}
