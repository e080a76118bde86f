import picomatch from 'picomatch';

/**
 * Matches topic names against globs such as `orders-*`; a glob that starts with `!` takes topics out
 * again. No globs match nothing. `*` matches names with dots too: a topic's dots are no folders.
 */
export function topicMatcher(globs: readonly string[]): (topic: string) => boolean {
  const wanted = globs.filter((glob) => !glob.startsWith('!'));
  const unwanted = globs.filter((glob) => glob.startsWith('!')).map((glob) => glob.slice(1));
  const isUnwanted = unwanted.length === 0 ? () => false : picomatch(unwanted, { dot: true });
  if (wanted.includes('*')) return (topic) => !isUnwanted(topic);
  if (wanted.length === 0) return () => false;
  const isWanted = picomatch(wanted, { dot: true });
  return (topic) => isWanted(topic) && !isUnwanted(topic);
}
