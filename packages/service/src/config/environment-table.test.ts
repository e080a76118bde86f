import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { environmentTable, keyTable } from './environment-table.js';

describe('environmentTable', () => {
  it('has the variables of sections, with key, sentence and default', () => {
    expect(environmentTable(proxyConfig)).toContainEqual({
      key: 'kafka.bootstrap_servers',
      env: 'KAFKA_BOOTSTRAP_SERVERS',
      about: 'Brokers to start from, host:port separated by commas.',
      default: 'kafka:9092',
      live: false,
    });
  });

  it('tells what a reload can change, by the key or by the section around it', () => {
    const live = Object.fromEntries(keyTable(proxyConfig).map((row) => [row.key, row.live]));
    expect(live).toMatchObject({ routes: true, 'routes[].path': true, default_timeout: true, port: false, via: false });
  });

  it('has every variable that 1.0.1 documents, with its default', () => {
    const defaults = (schema: Parameters<typeof environmentTable>[0]) =>
      Object.fromEntries(environmentTable(schema).map((row) => [row.env, row.default]));
    expect(defaults(proxyConfig)).toMatchObject({
      PROXY_PORT: '8080',
      DEFAULT_TIMEOUT: '30',
      WARMUP_TOPICS: 'common-responses',
    });
    expect(defaults(processorConfig)).toMatchObject({ MAX_CONCURRENT_REQUESTS: '100', MANAGEMENT_PORT: '0' });
    expect(defaults(processorConfig)).toHaveProperty('KAFKA_TOPICS', undefined);
    expect(defaults(processorConfig)).toHaveProperty('DEAD_LETTER_TOPIC', undefined);
  });

  it('names each variable once', () => {
    for (const schema of [proxyConfig, processorConfig]) {
      const names = environmentTable(schema).map(({ env }) => env);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

describe('keyTable', () => {
  it('has the keys inside lists and unions too', () => {
    const keys = keyTable(processorConfig).map(({ key }) => key);
    expect(keys).toEqual(
      expect.arrayContaining(['topics[].timeout', 'topics[].tls.ca', 'topics[].circuit_breaker.window']),
    );
  });
});
