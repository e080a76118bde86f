import type { KeptTopics } from '@kafka-http-proxy/kafka';
import type { ProxyConfig } from '@kafka-http-proxy/protocol';
import { configuredRequestTopics, configuredResponseTopics } from '../configured.js';
import { hasStreams } from './needs.js';

/** The configuration that a link goes by, and the topics that it names. */
export interface LinkTopics {
  readonly config: ProxyConfig;
  readonly requests: ReadonlySet<string>;
  readonly responses: ReadonlySet<string>;
  /** How missing topics are made; null: by somebody else. */
  readonly creation: KeptTopics['creation'];
  /** What the keeper of topics has to see to. */
  kept(): KeptTopics;
  /** Goes by another one from now on. */
  change(config: ProxyConfig): void;
}

/** @example const live = createLinkTopics(config); live.requests.has('orders'); */
export function createLinkTopics(first: ProxyConfig): LinkTopics {
  let config = first;
  let requests = configuredRequestTopics(first);
  let responses = configuredResponseTopics(first);
  return {
    get config() {
      return config;
    },
    get requests() {
      return requests;
    },
    get responses() {
      return responses;
    },
    get creation() {
      return creationOf(config);
    },
    kept: () => ({
      needed: [...new Set([...requests, ...responses])],
      optional: hasStreams(config) ? [config.control_topic] : [],
      creation: creationOf(config),
    }),
    change(next) {
      config = next;
      requests = configuredRequestTopics(next);
      responses = configuredResponseTopics(next);
    },
  };
}

/** How topics are made by a configuration; null: by somebody else. */
export function creationOf({ kafka }: ProxyConfig): KeptTopics['creation'] {
  if (!kafka.create_topics) return null;
  return { partitions: kafka.topic_partitions, replicationFactor: kafka.replication_factor };
}
