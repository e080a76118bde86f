import { isHiddenTopic, isInternalTopic, isLegalTopic, type ProcessorConfig } from '@kafka-http-proxy/protocol';

/** Whether the reply to a request of a topic may go to another. */
export type ReplyTopicRule = (requestTopic: string, replyTopic: string) => boolean;

/** Of the topic that the command-line tool writes beside the dead letters. */
const MARKS = '-marks';

/**
 * Makes the rule for where a reply may go, so that who may write to one request topic can't have replies written
 * into a topic of somebody else's: the `response_topic` of the request's own topic, and what that topic's
 * `allowed_response_topics` match (left out: the common ones; those left out too: anything). Topics that begin
 * with `_` only by a glob that does. Never an internal topic, a request topic, the control topic, or that of dead
 * letters and their marks.
 *
 * @param matcher makes a predicate of a list of topic globs
 */
export function replyTopicRule(
  config: Pick<ProcessorConfig, 'topics' | 'dead_letter_topic' | 'control_topic' | 'allowed_response_topics'>,
  matcher: (globs: readonly string[]) => (topic: string) => boolean,
): ReplyTopicRule {
  const never = new Set(config.topics.map((topic) => topic.request_topic));
  never.add(config.control_topic);
  const letters = config.dead_letter_topic;
  if (letters !== undefined) never.add(letters).add(letters + MARKS);

  const rules = new Map(
    config.topics.map((topic) => {
      const globs = topic.allowed_response_topics ?? config.allowed_response_topics;
      const matches = globs === undefined ? () => true : matcher(globs);
      const hidden = matcher((globs ?? []).filter((glob) => /^!|^_/.test(glob)));
      const allows = (name: string) =>
        name === topic.response_topic ||
        (isLegalTopic(name) && !isInternalTopic(name) && (isHiddenTopic(name) ? hidden : matches)(name));
      return [topic.request_topic, allows];
    }),
  );
  return (requestTopic, replyTopic) => !never.has(replyTopic) && rules.get(requestTopic)?.(replyTopic) === true;
}
