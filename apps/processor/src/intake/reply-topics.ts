import {
  isInternalTopic,
  isLegalTopic,
  marksTopic,
  type ProcessorConfig,
  type TopicConfig,
} from '@kafka-http-proxy/protocol';

/** Whether the reply to a request of one topic may go to another. */
export type ReplyTopicRule = (requestTopic: string, replyTopic: string) => boolean;

/**
 * Makes the rule for where replies may go, so that a request can't have one written into a topic of somebody else's:
 * the `response_topic` of its own topic, and what the `allowed_response_topics` of that topic match (left out: the
 * common ones; left out: anything). Never an internal topic, a request topic, `control_topic`, or what belongs to dead
 * letters.
 *
 * @param matcher makes a predicate of a list of topic globs
 * @example
 * const allows = replyTopicRule(config, topicMatcher);
 * allows('requests', 'responses'); // true where that is its response_topic
 */
export function replyTopicRule(
  config: Pick<ProcessorConfig, 'topics' | 'dead_letter_topic' | 'allowed_response_topics' | 'control_topic'>,
  matcher: (globs: readonly string[]) => (topic: string) => boolean,
): ReplyTopicRule {
  const never = new Set([...config.topics.map((topic) => topic.request_topic), config.control_topic]);
  const { dead_letter_topic: deadLetters } = config;
  if (deadLetters !== undefined) for (const topic of [deadLetters, marksTopic(deadLetters)]) never.add(topic);

  const ruleOf = ({ response_topic: own, allowed_response_topics: ofTopic }: TopicConfig) => {
    const globs = ofTopic ?? config.allowed_response_topics ?? ['*'];
    const matches = matcher(globs);
    return (topic: string) => {
      if (never.has(topic)) return false;
      if (topic === own) return true;
      return isLegalTopic(topic) && !isInternalTopic(topic) && matches(topic);
    };
  };
  const rules = new Map(config.topics.map((topic) => [topic.request_topic, ruleOf(topic)]));
  return (requestTopic, replyTopic) => rules.get(requestTopic)?.(replyTopic) ?? false;
}
