import { describe, expect, it } from 'vitest';
import { topicMatcher } from './topic-matcher.js';

describe('topicMatcher', () => {
  it.each([
    [['*'], 'orders.v1', true],
    [['*'], '.hidden', true],
    [['*-hidden'], '.is-hidden', true],
    [['orders-*'], 'orders-requests', true],
    [['orders-*'], 'my-orders-requests', false],
    [['orders'], 'orders.v1', false],
    [['a', 'b'], 'b', true],
    [['{a,b}-requests'], 'b-requests', true],
    [['*', '!secret-*'], 'secret-a', false],
    [['*', '!secret-*'], 'open-a', true],
    [['o*', '!orders'], 'orders', false],
    [[], 'orders', false],
    [['!orders'], 'users', false],
  ])('of %j says for %s: %s', (globs, topic, expected) => {
    expect(topicMatcher(globs)(topic)).toBe(expected);
  });
});
