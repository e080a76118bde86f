import { topicMatcher } from '@kafka-http-proxy/service';
import { describe, expect, it } from 'vitest';
import { config, topic } from '../testing/samples.js';
import { replyTopicRule } from './reply-topics.js';

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
    ['khp-control', ['*'], false],
    ['khp-control', undefined, false],
    ['dead-marks', ['*'], false],
    ['_schemas', ['*'], false],
    ['_schemas', undefined, false],
    ['_ours', ['*', '_o*'], true],
  ])('%s with globs %j: %s', (to, globs, allowed) => {
    const rule = replyTopicRule(config({ ...base, allowed_response_topics: globs }), topicMatcher);
    expect(rule('requests', to)).toBe(allowed);
  });

  it('is that of the request topic: what another topic has configured is no place for its replies', () => {
    const topics = [
      topic(),
      topic({ request_topic: 'b', response_topic: 'b-responses', allowed_response_topics: ['b-*'] }),
    ];
    const rule = replyTopicRule(config({ ...base, topics, allowed_response_topics: [] }), topicMatcher);
    expect(rule('requests', 'responses')).toBe(true);
    expect(rule('requests', 'b-responses')).toBe(false);
    expect(rule('b', 'b-responses')).toBe(true);
    expect(rule('b', 'b-2')).toBe(true);
    expect(rule('b', 'responses')).toBe(false);
    expect(rule('no topic of ours', 'responses')).toBe(false);
  });
});
