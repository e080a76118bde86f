import { describe, expect, it } from 'vitest';
import { readRival, rivalSentence } from './rival.js';

describe('a member with the name of another', () => {
  it.each([
    [
      'Fatal error: Broker: Static consumer fenced by other consumer with same group.instance.id: Fatal consumer error',
      'fenced',
    ],
    [
      'Fatal error: Broker: The instance ID is still used by another member in the consumer group: ConsumerGroupHeartbeat',
      'taken',
    ],
    ['Fatal error: Broker: Group authorization failed: ConsumerGroupHeartbeat fatal error', null],
  ])('is known by what librdkafka logs: %s', (message, kind) => {
    expect(readRival(`[thrd:main]: ${message}`)).toBe(kind);
  });

  it('is told what to do in one line, whatever the name has in it', () => {
    expect(rivalSentence('g', 'a\nb')).toBe(
      'consumer group g has another member with group.instance.id "a\\nb", so this one stands aside: give each instance its own in kafka.properties, or leave it out',
    );
  });
});
