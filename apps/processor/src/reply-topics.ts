import { isInternalTopic, isLegalTopic, type ProcessorConfig } from '@kafka-http-proxy/protocol';

/**
 * Makes the rule for where a reply may go, so that a request can't have one written into a topic of
 * somebody else's: the configured response topics, and what `allowed_response_topics` matches (left
 * out: anything). Never an internal topic, a request topic or the dead-letter topic.
 *
 * @param matcher makes a predicate of a list of topic globs
 */
export function replyTopicRule(
  config: Pick<ProcessorConfig, 'topics' | 'dead_letter_topic' | 'allowed_response_topics'>,
  matcher: (globs: readonly string[]) => (topic: string) => boolean,
): (topic: string) => boolean {
  const configured = new Set(config.topics.map((topic) => topic.response_topic));
  const never = new Set(config.topics.map((topic) => topic.request_topic));
  if (config.dead_letter_topic !== undefined) never.add(config.dead_letter_topic);
  const globs = config.allowed_response_topics;
  const matches = globs === undefined ? () => true : matcher(globs);
  return (topic) => {
    if (never.has(topic)) return false;
    return configured.has(topic) || (isLegalTopic(topic) && !isInternalTopic(topic) && matches(topic));
  };
}
