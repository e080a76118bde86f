import { isHiddenTopic, isInternalTopic, isLegalTopic, marksTopic } from '@kafka-http-proxy/protocol';
import { configuredRequestTopics, configuredResponseTopics } from '@kafka-http-proxy/proxy';
import { topicMatcher } from '@kafka-http-proxy/service';
import type { TierConfig } from '../connection/configurations.js';
import { mistake } from '../operator/exit.js';

const DEFAULT_CONTROL_TOPIC = 'khp-control';

/** What the topics that a letter names may be used for: anybody may have written the letter. */
export interface LetterTopics {
  /** Whether a request may be written there. */
  isRequestTopic(topic: string): boolean;
  /** Whether it can have requests at all, configured here or not. */
  mayHaveRequests(topic: string): boolean;
  /** Whether a reply may be asked for there. */
  isReplyTopic(topic: string): boolean;
}

/**
 * Tells request topics and reply topics from others. A request topic is, where tiers are configured, what one of them has
 * for one or lets clients name; else any. Neither kind is a topic of Kafka or of a tool, of letters and their marks, or
 * the control topic; and neither is one that is configured for the other kind.
 *
 * @example
 * letterTopics(tiers, 'failed-requests').isRequestTopic('khp-control'); // false
 */
export function letterTopics(tiers: readonly TierConfig[], deadLetterTopic: string): LetterTopics {
  const letters = [deadLetterTopic, ...tiers.flatMap(({ config }) => config.dead_letter_topic ?? [])];
  const control = tiers.length === 0 ? [DEFAULT_CONTROL_TOPIC] : tiers.map(({ config }) => config.control_topic);
  const own = new Set([...letters, ...letters.map(marksTopic), ...control]);
  const requests = new Set(tiers.flatMap(requestTopicsOf));
  const replies = new Set(tiers.flatMap(replyTopicsOf));
  const mayBeNamed = topicMatcher(tiers.flatMap(({ tier, config }) => (tier === 'proxy' ? config.allowed_topics : [])));
  const isAnothers = (topic: string) => isInternalTopic(topic) || isHiddenTopic(topic);
  const mayHave = (topic: string, these: ReadonlySet<string>, those: ReadonlySet<string>) =>
    !own.has(topic) && (these.has(topic) || !(those.has(topic) || isAnothers(topic)));
  return {
    mayHaveRequests: (topic) => mayHave(topic, requests, replies),
    isRequestTopic(topic) {
      if (tiers.length === 0) return mayHave(topic, requests, replies);
      return !own.has(topic) && (requests.has(topic) || (!replies.has(topic) && mayBeNamed(topic)));
    },
    isReplyTopic: (topic) => mayHave(topic, replies, requests),
  };
}

function requestTopicsOf(tier: TierConfig): string[] {
  return tier.tier === 'proxy'
    ? [...configuredRequestTopics(tier.config)]
    : tier.config.topics.map(({ request_topic: topic }) => topic);
}

function replyTopicsOf(tier: TierConfig): string[] {
  return tier.tier === 'proxy'
    ? [...configuredResponseTopics(tier.config)]
    : tier.config.topics.flatMap(({ response_topic: topic }) => topic ?? []);
}

/** The topic by which processors are told how far they may send. */
export function controlTopicOf(tiers: readonly TierConfig[]): string {
  return tiers[0]?.config.control_topic ?? DEFAULT_CONTROL_TOPIC;
}

/**
 * Looks at `--to`, which may be a request topic that no configuration here has: a request in any other is read by no
 * processor, and its letter would count as sent.
 *
 * @throws CommandFailure for what is no topic, or can be none of requests
 */
export function demandDestination(to: string, tiers: readonly TierConfig[], deadLetterTopic: string): void {
  if (isLegalTopic(to) && letterTopics(tiers, deadLetterTopic).mayHaveRequests(to)) return;
  throw mistake(`--to: a request topic was expected, ${JSON.stringify(to)} was found`);
}
