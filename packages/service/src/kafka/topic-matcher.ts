import { isHiddenTopic } from '@kafka-http-proxy/protocol';
import picomatch from 'picomatch';

/**
 * Matches topic names against globs such as `orders-*`; a glob that starts with `!` takes topics
 * out again. No globs match nothing. `*` matches names with dots too: a topic's dots are no folders.
 * Topics that begin with `_` are matched by globs that do, and by no others: tools keep them for
 * themselves by custom.
 *
 * @example
 * topicMatcher(['orders-*', '!orders-internal'])('orders-eu'); // true
 */
export function topicMatcher(globs: readonly string[]): (topic: string) => boolean {
  const matches = globMatcher(globs);
  const matchesHidden = globMatcher(globs.filter((glob) => /^!|^_/.test(glob)));
  return (topic) => (isHiddenTopic(topic) ? matchesHidden(topic) : matches(topic));
}

function globMatcher(globs: readonly string[]): (topic: string) => boolean {
  const wanted = globs.filter((glob) => !glob.startsWith('!'));
  const unwanted = globs.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1));
  const isUnwanted = unwanted.length === 0 ? () => false : picomatch(unwanted, { dot: true });
  if (wanted.includes('*')) return (topic) => !isUnwanted(topic);
  if (wanted.length === 0) return () => false;
  const isWanted = picomatch(wanted, { dot: true });
  return (topic) => isWanted(topic) && !isUnwanted(topic);
}
