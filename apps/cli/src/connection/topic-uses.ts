import type { TopicRole, WantedTopic } from '@kafka-http-proxy/operate';
import { processorTopics } from '@kafka-http-proxy/processor';
import { marksTopic, type ProcessorConfig, type ProxyConfig } from '@kafka-http-proxy/protocol';
import { configuredRequestTopics, configuredResponseTopics, hasStreams } from '@kafka-http-proxy/proxy';
import type { TierConfig } from './configurations.js';

/** A topic that configurations name; how it would be made is said by the first tier that names it. */
export interface TopicUse extends WantedTopic {
  /** Who uses it, by tier and by what of it: `proxy /orders`, `processor group processor-orders`. */
  readonly users: readonly string[];
}

/** A use by one tier; several of a topic are joined. */
interface Use {
  readonly name: string;
  readonly role: TopicRole;
  readonly user: string;
}

/** The topics that these configurations need, in the order of a request's way; marks only where there are dead letters. */
export function topicUses(tiers: readonly TierConfig[]): TopicUse[] {
  const found = new Map<string, TopicUse>();
  for (const tier of tiers) {
    const uses = tier.tier === 'proxy' ? proxyUses(tier.config) : processorUses(tier.config);
    const { topic_partitions: partitions, replication_factor: replicationFactor } = tier.config.kafka;
    for (const { name, role, user } of uses) {
      const known = found.get(name) ?? { name, role, users: [], partitions, replicationFactor };
      found.set(name, { ...known, users: [...new Set([...known.users, user])] });
    }
  }
  return [...found.values()].sort((a, b) => ORDER.indexOf(a.role) - ORDER.indexOf(b.role));
}

const ORDER: readonly TopicRole[] = ['requests', 'replies', 'control', 'dead letters', 'marks'];

function proxyUses(config: ProxyConfig): Use[] {
  const byRoute = (topic: string, key: 'request_topic' | 'response_topic'): string[] => {
    const paths = config.routes.filter((route) => route[key] === topic).map(({ path }) => `proxy ${path}`);
    return paths.length === 0 ? ['proxy'] : paths;
  };
  const uses = (names: Iterable<string>, role: TopicRole, key: 'request_topic' | 'response_topic'): Use[] =>
    [...names].flatMap((name) => byRoute(name, key).map((user) => ({ name, role, user })));
  return [
    ...uses(configuredRequestTopics(config), 'requests', 'request_topic'),
    ...uses(configuredResponseTopics(config), 'replies', 'response_topic'),
    ...(hasStreams(config) ? [{ name: config.control_topic, role: 'control', user: 'proxy' } as const] : []),
  ];
}

function processorUses(config: ProcessorConfig): Use[] {
  const { topics, dead_letter_topic: deadLetters, control_topic: control, max_streams: maxStreams } = config;
  const groups = new Map(topics.map((topic) => [topic.request_topic, topic.consumer_group]));
  return [
    // Response topics that nobody has set are not among them: replies go where requests say.
    ...processorTopics(config).flatMap((name): Use[] => {
      if (name === deadLetters) return [];
      const group = groups.get(name);
      if (group !== undefined) return [{ name, role: 'requests', user: `processor group ${group}` }];
      return [{ name, role: 'replies', user: 'processor' }];
    }),
    ...(maxStreams > 0 ? [{ name: control, role: 'control', user: 'processor' } as const] : []),
    ...(deadLetters === undefined
      ? []
      : [
          { name: deadLetters, role: 'dead letters', user: 'processor' } as const,
          { name: marksTopic(deadLetters), role: 'marks', user: 'dlq' } as const,
        ]),
  ];
}
