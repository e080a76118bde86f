import { proxyConfig } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { useConfigFiles } from '../testing/config-files.js';
import { PROCESSOR_README } from '../testing/readme-of-1.0.1.js';
import { ConfigError } from './config-error.js';
import { loadConfig } from './load-config.js';

const { file, proxy, processor } = useConfigFiles();

describe('precedence', () => {
  it('puts the environment over the file over the default', () => {
    const config = proxy('port: 1111\ndefault_timeout: 5\n', { PROXY_PORT: '2222' });
    expect([config.port, config.default_timeout, config.max_timeout]).toEqual([2222, 5, 300]);
  });

  it('takes an empty variable for an unset one', () => {
    expect(proxy('port: 1111', { PROXY_PORT: '', WARMUP_TOPICS: '', CONFIG_SOURCE: '' }).port).toBe(1111);
  });

  it('takes a section with nothing in it for an absent one', () => {
    const config = proxy('kafka:\nport:\nroutes:\n');
    expect([config.kafka.bootstrap_servers, config.port, config.routes]).toEqual(['kafka:9092', 8080, []]);
  });

  it('lets the environment put right what the file has wrong', () => {
    expect(proxy('port: soon', { PROXY_PORT: '1' }).port).toBe(1);
  });

  it('puts KAFKA_TOPICS in place of the file’s topics', () => {
    expect(processor(PROCESSOR_README, { KAFKA_TOPICS: 'a:b,c,http://d' }).topics).toHaveLength(1);
  });

  it('joins kafka.properties entry by entry', () => {
    const config = proxy('kafka: {properties: {a: 1, b: 1, c: 1}}', {
      KAFKA_PROPERTIES: '{"b":2,"c":2}',
      KAFKA_PROPERTY_C: '3',
      KAFKA_PROPERTY_SECURITY_PROTOCOL: 'SASL_SSL',
    });
    expect(config.kafka.properties).toEqual({ a: 1, b: 2, c: '3', 'security.protocol': 'SASL_SSL' });
  });
});

describe('the forms of variables', () => {
  it('takes true, false, 1 and 0 for a boolean', () => {
    const of = (text: string) => proxy(undefined, { KAFKA_CREATE_TOPICS: text }).kafka.create_topics;
    expect(['true', 'false', '1', '0', 'False'].map(of)).toEqual([true, false, true, false, false]);
  });

  it('takes a number or a text where a key has both', () => {
    const of = (text: string) => proxy(undefined, { REPLY_PARTITION: text }).reply_partition;
    expect(['3', 'all'].map(of)).toEqual([3, 'all']);
  });

  it('trims the entries of a list and leaves out empty ones', () => {
    expect(proxy(undefined, { WARMUP_TOPICS: ' a , b,' }).warmup_topics).toEqual(['a', 'b']);
  });

  it('reads JSON', () => {
    const routes = proxy(undefined, { ROUTES: '[{"path":"/a","request_topic":"a"}]' }).routes;
    expect(routes).toEqual([{ path: '/a', request_topic: 'a' }]);
  });

  it('reads a value from the file that <VARIABLE>_FILE names, without its last newline', () => {
    const config = proxy(undefined, {
      KAFKA_BOOTSTRAP_SERVERS_FILE: file('broker:1\n'),
      DEFAULT_TIMEOUT_FILE: file('7'),
      KAFKA_PROPERTY_SASL_PASSWORD_FILE: file('pass\n\n'),
    });
    expect([config.kafka.bootstrap_servers, config.default_timeout]).toEqual(['broker:1', 7]);
    expect(config.kafka.properties).toEqual({ 'sasl.password': 'pass\n' });
  });

  it('takes a librdkafka property that is a file name as one', () => {
    const { properties } = proxy(undefined, { KAFKA_PROPERTY_SASL_OAUTHBEARER_ASSERTION_FILE: '/jwt' }).kafka;
    expect(properties).toEqual({ 'sasl.oauthbearer.assertion.file': '/jwt' });
  });
});

describe('files', () => {
  it('reads a secret from {file: path}', () => {
    const config = proxy(`kafka: {properties: {sasl.password: {file: ${file('hush\n')}}}}`);
    expect(config.kafka.properties).toEqual({ 'sasl.password': 'hush' });
  });

  it('reads a header of the backend from {file: path}', () => {
    const text = `topics: [{request_topic: a, backend_url: http://b, headers: {Authorization: {file: ${file('Bearer x\n')}}}}]`;
    expect(processor(text).topics[0]?.headers).toEqual({ Authorization: 'Bearer x' });
  });

  it('reads what CONFIG_SOURCE and CONFIG_PATH name when no file is given', () => {
    const json = file('{"port": 1234}', 'json');
    const load = (environment: Record<string, string>) => loadConfig({ schema: proxyConfig, environment }).port;
    expect(load({ CONFIG_SOURCE: 'json', CONFIG_PATH: json })).toBe(1234);
    expect(load({ CONFIG_SOURCE: 'yaml', CONFIG_PATH: file('port: 1235') })).toBe(1235);
    expect(load({ CONFIG_SOURCE: 'env', CONFIG_PATH: json })).toBe(8080);
    expect(load({ CONFIG_PATH: json })).toBe(8080);
    expect(() => load({ CONFIG_SOURCE: 'yaml' })).toThrow(
      'config.yaml: a configuration file was expected, there is no',
    );
  });

  it('prefers the given file to the one of the environment', () => {
    expect(proxy('port: 1', { CONFIG_SOURCE: 'yaml', CONFIG_PATH: '/nowhere' }).port).toBe(1);
  });

  it('takes an empty file, merge keys and anchors', () => {
    expect(proxy('').port).toBe(8080);
    const config = processor(`
topics:
  - &orders {request_topic: orders, backend_url: http://orders, timeout: 5}
  - <<: *orders
    request_topic: users
`);
    expect(config.topics.map(({ request_topic, timeout }) => [request_topic, timeout])).toEqual([
      ['orders', 5],
      ['users', 5],
    ]);
  });

  it('throws a ConfigError', () => {
    expect(() => proxy('port: x')).toThrow(ConfigError);
  });
});
