import { isDeepStrictEqual } from 'node:util';
import type { TopicConfig } from '@kafka-http-proxy/protocol';
import type { BackendLease } from '../backend/backend-pools.js';
import { createTopic, type Topic, type TopicOptions } from './topic.js';

/** What all topics are bound with, and what each is given of its own. */
export interface TopicsOptions extends Pick<TopicOptions, 'kafka' | 'flushMs' | 'budget' | 'clock' | 'via' | 'events'> {
  /** @throws Error with a sentence when there can be none */
  backendOf(topic: TopicConfig, connections: number): BackendLease;
  metricsOf(topic: TopicConfig): TopicOptions['metrics'];
  /** The last turn of a topic that was removed or replaced has ended; `now` is what took its place. */
  onGone(topic: TopicConfig, now: TopicConfig | null): void;
}

/** The topics that are configured, each bound once a configuration. */
export interface Topics {
  /** By their names; always the same map. */
  readonly all: ReadonlyMap<string, Topic>;
  /**
   * Has these from now on. A topic that did not change stays as it is; of another one the state of its breaker and of its
   * rate limit stay, where they are of the same. What runs goes on as it began.
   *
   * @param connections most connections to one backend
   * @throws as `backendOf`; then nothing has changed
   */
  change(configs: readonly TopicConfig[], connections: number): void;
}

/**
 * Holds no topics before the first change.
 *
 * @example
 * const topics = createTopics({ backendOf, metricsOf, onGone, kafka, flushMs: 5, budget, clock, events });
 * topics.change(config.topics, 1_100);
 */
export function createTopics({ backendOf, metricsOf, onGone, ...common }: TopicsOptions): Topics {
  const all = new Map<string, Topic>();
  const leaseAll = (configs: readonly TopicConfig[], connections: number): BackendLease[] => {
    const leases: BackendLease[] = [];
    try {
      for (const config of configs) leases.push(backendOf(config, connections));
      return leases;
    } catch (error) {
      for (const lease of leases) lease.release();
      throw error;
    }
  };
  return {
    all,
    change(configs, connections) {
      const leases = leaseAll(configs, connections);
      const before = new Map(all);
      // In the order of the configuration.
      all.clear();
      for (const [i, config] of configs.entries()) {
        const lease = leases[i] as BackendLease;
        const name = config.request_topic;
        const previous = before.get(name) ?? null;
        if (previous?.backendId === lease.id && isDeepStrictEqual(previous.config, config)) {
          lease.release();
          all.set(name, previous);
        } else {
          all.set(name, createTopic({ ...common, config, lease, previous, metrics: metricsOf(config) }));
        }
      }
      for (const [name, topic] of before) {
        if (all.get(name) !== topic) topic.retire(() => onGone(topic.config, all.get(name)?.config ?? null));
      }
    },
  };
}
