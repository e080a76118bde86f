import type { ProcessorConfig, TopicConfig } from '@kafka-http-proxy/protocol';
import { type ConfigChanges, concerns, type TlsEndpoint } from '@kafka-http-proxy/service';
import type { BackendPools } from './backend/backend-pools.js';
import type { Core } from './core.js';
import type { KafkaLink } from './kafka/link.js';
import { type HealthProbes, probePlan } from './observe/health-probes.js';

/** What goes by the configuration. */
export interface Reloadable {
  readonly core: Pick<Core, 'change'>;
  readonly link: Pick<KafkaLink, 'prepare' | 'change' | 'read'>;
  readonly pools: Pick<BackendPools, 'tlsOf'>;
  readonly probes: Pick<HealthProbes, 'change'>;
  /** Null: there is no `tls`. */
  readonly tls: Pick<TlsEndpoint, 'prepare'> | null;
  /** The rest of it holds from now on. */
  took(config: ProcessorConfig): void;
}

/** Takes another configuration, whole or not at all. @see RunningService.reload */
export type Reload = (next: ProcessorConfig, changes: ConfigChanges) => Promise<void>;

/**
 * Makes the reload of a processor. What can fail comes first: files, Kafka, the groups of topics that are added. Then all
 * that is left is put in place in one turn of the event loop. Topics that are removed are left last, since what runs of
 * them ends first. Calls must not overlap.
 *
 * @example
 * const reload = createReload(config, { core, link, pools, probes, took });
 * await reload(next, { keys: ['topics[0].backend_url'], files: [] });
 */
export function createReload(first: ProcessorConfig, { core, link, pools, probes, tls, took }: Reloadable): Reload {
  let current = first;
  return async (next, changes) => {
    const before = current;
    refuseOtherGroups(before.topics, next.topics);
    // Read once for this configuration: what comes after it can't fail for them.
    for (const topic of next.topics) pools.tlsOf(topic);
    const renewTls = next.tls && concerns(changes, 'tls') ? tls?.prepare(next.tls) : undefined;
    const renews = concerns(changes, 'kafka.properties');
    await link.prepare(next, renews);
    try {
      await link.change(next, renews);
      const grown = withTopics(before, [...before.topics, ...missingIn(before.topics, next.topics)]);
      core.change(grown);
      await link.read(grown);
    } catch (error) {
      core.change(before);
      // Whatever comes of this, the first reason is the one to tell.
      await link.change(before, renews).catch(() => undefined);
      await link.read(before).catch(() => undefined);
      throw error;
    }
    current = next;
    core.change(withTopics(next, [...next.topics, ...missingIn(next.topics, before.topics)]));
    probes.change(probePlan(next));
    renewTls?.();
    took(next);
    await link.read(next);
    core.change(next);
  };
}

/** In two groups at once a topic would be read twice. */
function refuseOtherGroups(before: readonly TopicConfig[], next: readonly TopicConfig[]): void {
  for (const [i, topic] of next.entries()) {
    const known = before.find((one) => one.request_topic === topic.request_topic);
    if (known === undefined || known.consumer_group === topic.consumer_group) continue;
    throw new Error(
      `topics[${i}].consumer_group: the group of ${topic.request_topic} can't become ${topic.consumer_group} while it is read by ${known.consumer_group}: restart, or remove the topic and add it in two steps`,
    );
  }
}

/** Those of `topics` whose request topic is not in `those`. */
function missingIn(those: readonly TopicConfig[], topics: readonly TopicConfig[]): TopicConfig[] {
  const names = new Set(those.map((topic) => topic.request_topic));
  return topics.filter((topic) => !names.has(topic.request_topic));
}

function withTopics(config: ProcessorConfig, topics: TopicConfig[]): ProcessorConfig {
  return { ...config, topics };
}
