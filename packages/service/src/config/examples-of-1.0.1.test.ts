import { describe, expect, it } from 'vitest';
import { useConfigFiles } from '../testing/config-files.js';
import { PROCESSOR_README, PROXY_README } from '../testing/readme-of-1.0.1.js';

const { proxy, processor } = useConfigFiles();

describe('the examples of 1.0.1’s README', () => {
  it('loads proxy_config.yaml', () => {
    expect(proxy(PROXY_README)).toMatchObject({
      kafka: { bootstrap_servers: 'kafka:9092' },
      port: 8080,
      default_timeout: 30,
      warmup_topics: ['orders-responses', 'users-responses', 'common-responses'],
    });
  });

  it('loads processor_config.yaml', () => {
    const config = processor(PROCESSOR_README);
    expect(config).toMatchObject({
      kafka: { bootstrap_servers: 'kafka:9092' },
      max_concurrent_requests: 200,
      health_check_interval: 30,
      dead_letter_topic: 'failed-requests',
      management_port: 8081,
    });
    expect(config.topics).toMatchObject([
      {
        request_topic: 'orders-requests',
        response_topic: 'orders-responses',
        backend_url: 'http://orders-backend:8080',
        consumer_group: 'orders-processors',
        timeout: 30,
        max_retries: 3,
        rate_limit: 100,
      },
      {
        request_topic: 'users-requests',
        response_topic: 'users-responses',
        backend_url: 'http://users-backend:8080',
        consumer_group: 'users-processors',
        timeout: 25,
        max_retries: 2,
      },
    ]);
    expect(config.topics[1]).not.toHaveProperty('rate_limit');
  });

  it('takes the documented defaults where nothing is said', () => {
    expect(proxy(undefined)).toMatchObject({
      kafka: { bootstrap_servers: 'kafka:9092' },
      port: 8080,
      default_timeout: 30,
      warmup_topics: ['common-responses'],
      default_response_topic: 'common-responses',
    });
    const config = processor('topics: [{request_topic: orders, backend_url: http://orders}]');
    expect(config).toMatchObject({ max_concurrent_requests: 100, health_check_interval: 30, management_port: 0 });
    expect(config.topics[0]).toMatchObject({
      response_topic: 'orders-responses',
      consumer_group: 'processor-orders',
      timeout: 30,
      max_retries: 3,
    });
  });

  it('reads the variables of the proxy', () => {
    const config = proxy(undefined, {
      KAFKA_BOOTSTRAP_SERVERS: 'kafka:29092',
      WARMUP_TOPICS: 'common-responses,orders-responses',
      PROXY_PORT: '8081',
      DEFAULT_TIMEOUT: '12.5',
    });
    expect(config).toMatchObject({
      kafka: { bootstrap_servers: 'kafka:29092' },
      warmup_topics: ['common-responses', 'orders-responses'],
      port: 8081,
      default_timeout: 12.5,
    });
  });

  it('reads the variables of the processor', () => {
    const config = processor(undefined, {
      KAFKA_TOPICS:
        'orders:orders-requests,orders-responses,http://orders:8080,30,3;users:users-requests,users-responses,http://users:8080,25,2',
      MAX_CONCURRENT_REQUESTS: '7',
      DEAD_LETTER_TOPIC: 'failed',
      MANAGEMENT_PORT: '8081',
      CONSUMER_GROUP_USERS: 'my-users',
    });
    expect(config).toMatchObject({ max_concurrent_requests: 7, dead_letter_topic: 'failed', management_port: 8081 });
    expect(config.topics).toMatchObject([
      { backend_url: 'http://orders:8080', timeout: 30, max_retries: 3, consumer_group: 'processor-orders' },
      { backend_url: 'http://users:8080', timeout: 25, max_retries: 2, consumer_group: 'my-users' },
    ]);
  });

  it('reads KAFKA_TOPICS of the quick start, a URL and no more', () => {
    const config = processor(undefined, {
      KAFKA_TOPICS: 'orders:orders-requests,orders-responses,http://backend:8080',
    });
    expect(config.topics).toMatchObject([{ request_topic: 'orders-requests', backend_url: 'http://backend:8080' }]);
  });
});
