import { topicMatcher } from '@kafka-http-proxy/service';
import { describe, expect, it } from 'vitest';
import { replyTopicRule } from './reply-topics.js';
import { config, topic } from './testing/samples.js';

const base = { dead_letter_topic: 'dead' };

describe('replyTopicRule', () => {
  it.each<[string, string[] | undefined, boolean]>([
    ['responses', undefined, true],
    ['anything-else', undefined, true],
    ['requests', undefined, false],
    ['dead', undefined, false],
    ['dead-marks', undefined, false],
    ['khp-control', undefined, false],
    ['__consumer_offsets', undefined, false],
    ['_schemas', undefined, false],
    ['not legal', undefined, false],
    ['..', undefined, false],
    ['responses', ['other-*'], true],
    ['responses', [], true],
    ['other-1', ['other-*'], true],
    ['anything-else', ['other-*'], false],
    ['requests', ['*'], false],
    ['dead', ['*'], false],
    ['dead-marks', ['dead-*'], false],
    ['khp-control', ['khp-*'], false],
    ['__consumer_offsets', ['*', '_*'], false],
    ['_schemas', ['*'], false],
    ['_schemas', ['?schemas'], false],
    ['_schemas', ['_s*'], true],
    ['_schemas', ['_*', '!_schemas'], false],
  ])('%s with globs %j: %s', (name, globs, allowed) => {
    const rule = replyTopicRule(config({ ...base, allowed_response_topics: globs }), topicMatcher);
    expect(rule('requests', name)).toBe(allowed);
  });

  it('lets replies of one topic not go where only those of another may', () => {
    const a = topic({ request_topic: 'a', response_topic: 'a-out', allowed_response_topics: ['a-more-*'] });
    const b = topic({ request_topic: 'b', response_topic: 'b-out' });
    const rule = replyTopicRule(config({ topics: [a, b], allowed_response_topics: ['common-*'] }), topicMatcher);
    const allowed = (from: string) =>
      ['a-out', 'b-out', 'a-more-1', 'common-1', 'a', 'b'].filter((name) => rule(from, name));
    expect(allowed('a')).toEqual(['a-out', 'a-more-1']);
    expect(allowed('b')).toEqual(['b-out', 'common-1']);
    expect(allowed('c')).toEqual([]);
  });
});
