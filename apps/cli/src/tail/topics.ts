import { printable } from '@kafka-http-proxy/operate';
import { topicMatcher } from '@kafka-http-proxy/service';
import type { TierConfig } from '../connection/configurations.js';
import { topicUses } from '../connection/topic-uses.js';
import { CommandFailure, mistake } from '../operator/exit.js';

/** What may be meant, and how it is read. */
export interface TopicChoice {
  /** Names and globs, as they were typed. */
  readonly named: readonly string[];
  readonly tiers: readonly TierConfig[];
  /** Those that the cluster has, as far as this principal may see them. */
  readonly existing: ReadonlySet<string>;
  /** True: the dead letters of the configuration are read too, which say why there is no reply. */
  readonly withDeadLetters: boolean;
}

/**
 * The topics to read: those that were named, else those of the configuration that exist.
 *
 * @throws CommandFailure where nothing is left, or a name is none of a topic
 */
export function chosenTopics({ named, tiers, existing, withDeadLetters }: TopicChoice): string[] {
  if (named.length === 0) {
    const roles = new Set(['requests', 'replies', ...(withDeadLetters ? ['dead letters'] : [])]);
    const configured = topicUses(tiers).flatMap(({ name, role }) => (roles.has(role) ? [name] : []));
    if (configured.length === 0) throw mistake('which topics? Name some, or a configuration by --config');
    const found = configured.filter((topic) => existing.has(topic));
    if (found.length > 0) return found;
    throw new CommandFailure(`Kafka has none of the configured topics, or hides them: ${configured.join(', ')}`);
  }
  const chosen = new Set<string>();
  for (const name of named) {
    const isGlob = /[*?[\]{}!()]/.test(name);
    const found = isGlob ? [...existing].filter(topicMatcher([name])) : existing.has(name) ? [name] : [];
    if (found.length === 0) {
      const what = isGlob ? 'no topic that matches' : 'no topic';
      throw new CommandFailure(
        `Kafka has ${what} ${printable(name)}, or hides it: this principal needs Describe on it`,
      );
    }
    for (const topic of found) chosen.add(topic);
  }
  return [...chosen];
}
