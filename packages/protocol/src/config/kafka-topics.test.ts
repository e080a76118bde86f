import { describe, expect, it } from 'vitest';
import { parseKafkaTopics } from './kafka-topics.js';

describe('parseKafkaTopics', () => {
  it('reads the example of 1.0.1’s README', () => {
    const text =
      'orders:orders-requests,orders-responses,http://orders:8080,30,3;users:users-requests,users-responses,http://users:8080,25,2';
    expect(parseKafkaTopics(text, {})).toEqual({
      topics: [
        {
          request_topic: 'orders-requests',
          response_topic: 'orders-responses',
          backend_url: 'http://orders:8080',
          consumer_group: 'processor-orders',
          timeout: 30,
          max_retries: 3,
        },
        {
          request_topic: 'users-requests',
          response_topic: 'users-responses',
          backend_url: 'http://users:8080',
          consumer_group: 'processor-users',
          timeout: 25,
          max_retries: 2,
        },
      ],
      names: ['orders', 'users'],
      mistakes: [],
    });
  });

  it('splits an entry at its first colon only', () => {
    expect(parseKafkaTopics('a:b,c,https://host:8443/path', {}).topics[0]?.backend_url).toBe('https://host:8443/path');
  });

  it('reads all six parts, and leaves out what is empty', () => {
    expect(parseKafkaTopics(' a : b , , http://c , 0.5 , , 7 ; ', {}).topics).toEqual([
      { request_topic: 'b', backend_url: 'http://c', consumer_group: 'processor-a', timeout: 0.5, rate_limit: 7 },
    ]);
  });

  it('takes the consumer group of CONSUMER_GROUP_<NAME>', () => {
    const group = (name: string, environment: Record<string, string>) =>
      parseKafkaTopics(`${name}:b,c,http://d`, environment).topics[0]?.consumer_group;
    expect(group('orders', { CONSUMER_GROUP_ORDERS: 'mine' })).toBe('mine');
    expect(group('eu-orders', { CONSUMER_GROUP_EU_ORDERS: 'mine' })).toBe('mine');
    expect(group('eu-orders', { 'CONSUMER_GROUP_EU-ORDERS': 'first', CONSUMER_GROUP_EU_ORDERS: 'second' })).toBe(
      'first',
    );
  });

  it('leaves a number that is none to the schema', () => {
    expect(parseKafkaTopics('a:b,c,http://d,soon', {}).topics[0]?.timeout).toBe('soon');
  });

  it.each(['orders', 'orders:', ':b,c,http://d', 'a:b,c', 'a:b,c,http://d,1,2,3,4'])(
    'says what is wrong with %j, and reads the others',
    (entry) => {
      const { topics, names, mistakes } = parseKafkaTopics(`${entry};ok:b,c,http://d`, {});
      expect(names).toEqual(['ok']);
      expect(topics).toHaveLength(1);
      expect(mistakes).toEqual([expect.stringMatching(/ was expected, ".*" was found$/)]);
    },
  );
});
