import {
  type AdaptiveProducer,
  ensureTopics,
  type InboxReader,
  type KafkaSettings,
  type LinkWatch,
  type TopicKeeper,
} from '@kafka-http-proxy/kafka';
import type { ProxyConfig } from '@kafka-http-proxy/protocol';
import { type ConfigChanges, concerns, within } from '@kafka-http-proxy/service';
import { configuredCompressions } from '../configured.js';
import { createLinkTopics, creationOf, type LinkTopics } from './link-topics.js';
import type { NamedTopics } from './named-topics.js';
import { needsOf } from './needs.js';

/** How a link comes to go by another configuration. */
export interface LinkReload {
  /**
   * Does all of it that can fail: proves a login, creates topics, opens response topics, has the clients go on with
   * other properties. What is in effect stays, until what this returns is called.
   *
   * @returns puts it into effect; it gives back what ends the reading of topics that it no longer names, for when
   *   nobody waits for them any more
   * @throws {Error} with a sentence, when it can't be taken; then everything is as before
   */
  prepare(next: ProxyConfig, changes: ConfigChanges): Promise<() => () => void>;
}

/** What a link has. */
export interface LinkReloadDeps {
  readonly live: LinkTopics;
  readonly settings: KafkaSettings;
  readonly watch: Pick<LinkWatch, 'prove' | 'change'>;
  readonly keeper: Pick<TopicKeeper, 'change'>;
  readonly named: Pick<NamedTopics, 'adopt' | 'hasReply'>;
  readonly producer: () => AdaptiveProducer | null;
  readonly reader: () => InboxReader | null;
  /** True when all that is configured was reached once. */
  readonly isOpen: () => boolean;
  readonly signal: AbortSignal;
}

/** For creating topics, ms. */
const CREATE_MS = 15_000;
/** For having the clients go on with other properties, ms. */
const RENEW_MS = 30_000;
const REASON = 'the configuration changed';

/** @example const commit = await createLinkReload(deps).prepare(next, changes); */
export function createLinkReload(deps: LinkReloadDeps): LinkReload {
  const { live, settings, watch, keeper, named, producer, reader, isOpen, signal } = deps;

  const use = async ({ properties }: ProxyConfig['kafka']): Promise<void> => {
    watch.change({ properties, needs: needsOf(live.config) });
    await Promise.all([producer()?.renew(REASON), reader()?.reconnect(REASON)]);
  };
  /** Loads the metadata of request topics: the first request must not wait for it. */
  const look = async (topics: readonly string[]): Promise<void> => {
    for (const topic of topics) {
      const count = await producer()?.partitionsOf(topic);
      if (count === 0) throw new Error(`topic ${topic} does not exist: make it (create_topics is false)`);
    }
  };

  return {
    async prepare(next, changes) {
      const { config: before, requests, responses } = live;
      const after = createLinkTopics(next);
      const newRequests = [...after.requests].filter((topic) => !requests.has(topic));
      const newResponses = [...after.responses].filter((topic) => !responses.has(topic));
      const added = [...new Set([...newRequests, ...newResponses])];
      const isRenewed = concerns(changes, 'kafka.properties');
      const { properties } = next.kafka;
      if (added.length > 0 && !isOpen()) throw new Error('the start is not done yet: Kafka has to be reached first');

      if (isRenewed) await watch.prove({ properties, needs: needsOf(before) });
      const creation = creationOf(next);
      if (added.length > 0 && creation !== null) {
        await ensureTopics({ ...settings, properties }, added, { ...creation, timeoutMs: CREATE_MS, signal });
      }
      if (added.length > 0) await watch.prove({ properties, needs: needsOf(next) });

      const wereOpen = new Set(reader()?.topics());
      try {
        if (isRenewed) await inTime(use(next.kafka));
        await producer()?.addCodecs(configuredCompressions(next));
        await look(newRequests);
        await Promise.all(newResponses.map((topic) => reader()?.open(topic)));
      } catch (error) {
        for (const topic of newResponses) {
          if (!wereOpen.has(topic) && !named.hasReply(topic)) reader()?.release(topic);
        }
        // Nobody waits for that: it may take as long as what has failed.
        if (isRenewed) use(before.kafka).catch(() => undefined);
        throw error;
      }

      return () => {
        live.change(next);
        keeper.change(live.kept());
        watch.change({ properties, needs: needsOf(next) });
        for (const topic of newResponses) named.adopt(topic);
        // Records may wait longer for their acknowledgement.
        if (before.max_timeout < next.max_timeout) void producer()?.renew(REASON);
        const removed = [...responses].filter((topic) => !live.responses.has(topic));
        return () => {
          // Another change may have named it again, or a request have it in use.
          for (const topic of removed)
            if (!live.responses.has(topic) && !named.hasReply(topic)) reader()?.release(topic);
        };
      };
    },
  };
}

async function inTime(work: Promise<void>): Promise<void> {
  if (await within(RENEW_MS, work)) return;
  throw new Error(`the Kafka clients did not come up with the new properties within ${RENEW_MS / 1000} s`);
}
