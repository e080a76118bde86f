import { topicMatcher } from '@kafka-http-proxy/service';
import { describe, expect, it } from 'vitest';
import { replyTopicRule } from './reply-topics.js';
import { config } from './testing/samples.js';

const base = { dead_letter_topic: 'dead' };

describe('replyTopicRule', () => {
  it.each<[string, string[] | undefined, boolean]>([
    ['responses', undefined, true],
    ['anything-else', undefined, true],
    ['requests', undefined, false],
    ['dead', undefined, false],
    ['__consumer_offsets', undefined, false],
    ['not legal', undefined, false],
    ['..', undefined, false],
    ['responses', ['other-*'], true],
    ['other-1', ['other-*'], true],
    ['anything-else', ['other-*'], false],
    ['requests', ['*'], false],
    ['dead', ['*'], false],
    ['__consumer_offsets', ['*'], false],
  ])('%s with globs %j: %s', (topic, globs, allowed) => {
    const rule = replyTopicRule(config({ ...base, allowed_response_topics: globs }), topicMatcher);
    expect(rule(topic)).toBe(allowed);
  });
});
