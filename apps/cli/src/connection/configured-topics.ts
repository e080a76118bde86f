import type { TierConfig } from './configurations.js';

/** The topics that configurations name. */
export interface ConfiguredTopics {
  readonly requests: readonly string[];
  readonly responses: readonly string[];
  readonly deadLetters: readonly string[];
}

/** What the tiers read and write, each topic once. Globs and topics that requests name themselves are not among them. */
export function configuredTopics(tiers: readonly TierConfig[]): ConfiguredTopics {
  const requests = new Set<string>();
  const responses = new Set<string>();
  const deadLetters = new Set<string>();
  const add = (to: Set<string>, name: string | undefined): void => {
    if (name !== undefined) to.add(name);
  };
  for (const { tier, config } of tiers) {
    add(deadLetters, config.dead_letter_topic);
    if (tier === 'proxy') {
      add(requests, config.default_request_topic);
      add(responses, config.default_response_topic);
      for (const name of config.warmup_topics) responses.add(name);
    }
    for (const one of tier === 'proxy' ? config.routes : config.topics) {
      add(requests, one.request_topic);
      add(responses, one.response_topic);
    }
  }
  return { requests: [...requests], responses: [...responses], deadLetters: [...deadLetters] };
}
