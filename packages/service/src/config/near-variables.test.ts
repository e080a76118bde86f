import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { nearVariables } from './near-variables.js';

const near = (...names: string[]) =>
  nearVariables(proxyConfig, Object.fromEntries(names.map((name) => [name, 'x'])), [processorConfig]).map(
    ({ name, meant }) => `${name} ${meant}`,
  );

describe('variables that nobody reads', () => {
  it.each([
    ['a letter short', 'KAFKA_BOOTSTRAP_SERVER', 'KAFKA_BOOTSTRAP_SERVERS'],
    ['a letter long', 'PROXY_PORTS', 'PROXY_PORT'],
    ['another letter', 'PROXI_PORT', 'PROXY_PORT'],
    ['two in the wrong order', 'DEFAULT_TIMEOTU', 'DEFAULT_TIMEOUT'],
    ['the wrong case', 'proxy_port', 'PROXY_PORT'],
    ['of a secret’s file', 'KAFKA_BOOTSTRAP_SERVER_FILE', 'KAFKA_BOOTSTRAP_SERVERS_FILE'],
    ['where a file is named', 'CONFIG_PATHS', 'CONFIG_PATH'],
    ['where only the beginning is known', 'KAFKA_PROPERY_SASL_PASSWORD', 'KAFKA_PROPERTY_SASL_PASSWORD'],
  ])('are told with the one that was meant: %s', (_what, name, meant) => {
    expect(near(name)).toEqual([`${name} ${meant}`]);
  });

  it.each([
    ['what a shell has', ['PATH', 'HOME', 'SHELL', 'PWD', 'TERM', 'LANG', 'HOSTNAME', 'HOSTTYPE', 'LOGNAME', 'USER']],
    ['what others read', ['PORT', 'POST', 'NODE_ENV', 'KAFKA_HEAP_OPTS', 'HTTP_PROXY', 'NO_PROXY', 'DEBUG']],
    ['what Kubernetes sets for a service', ['KAFKA_PORT', 'KAFKA_SERVICE_HOST', 'PROXY_SERVICE_PORT']],
    ['what is ours', ['PROXY_PORT', 'KAFKA_PROPERTY_SASL_PASSWORD', 'LOG_LEVEL_FILE', 'CONFIG_SOURCE']],
    ['what the other tier reads', ['KAFKA_TOPICS', 'CONSUMER_GROUP_ORDERS', 'MAX_CONCURRENT_REQUESTS']],
  ])('are no matter when they are near to none: %s', (_what, names) => {
    expect(near(...names)).toEqual([]);
  });

  it('are no matter when what they are near to is set too', () => {
    expect(near('PROXY_PORT', 'PROXY_PORTS')).toEqual([]);
  });

  it('are no matter when they are empty', () => {
    expect(nearVariables(proxyConfig, { PROXY_PORTS: '' })).toEqual([]);
  });
});
