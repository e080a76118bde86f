import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { ConfigError } from './config-error.js';
import { loadConfig } from './load-config.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'khp-mistakes-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function mistakes(schema: z.ZodType, text: string | undefined, environment: Record<string, string> = {}): string[] {
  const path = join(folder, 'test.yaml');
  if (text !== undefined) writeFileSync(path, text);
  try {
    loadConfig({ schema, file: text === undefined ? undefined : path, environment });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.mistakes.map((line) => line.replaceAll(`${folder}/`, ''));
  }
  return [];
}
const ofProxy = (text: string | undefined, environment?: Record<string, string>) =>
  mistakes(proxyConfig, text, environment);
const ofProcessor = (text: string | undefined, environment?: Record<string, string>) =>
  mistakes(processorConfig, text, environment);

describe('a file of fifteen mistakes', () => {
  it('gives the line of each, in one go', () => {
    const lines = ofProcessor(`# fifteen
kafka:
  bootstrap_server: kafka:9092
  create_topics: "yes"
  properties:
    sasl.password: [hunter2]
topics:
  - request_topic: orders requests
    backend_url: orders:8080
    timeout: soon
    max_retries: 0
  - request_topic: users
    response_topic: users
    backend_url: http://me:hunter2@users
    circuit_breaker:
      treshold: 0.5
  - request_topic: users
    retry_statuses: [503, 200]
    backend_url: http://users
  - backend_url: http://nobody
max_concurrent_requests: "100"
management_port: 70000
`);
    expect(lines).toEqual([
      'test.yaml:3:3 kafka.bootstrap_server: an unknown key; did you mean "bootstrap_servers"?',
      'test.yaml:4:3 kafka.create_topics: true or false was expected, "yes" was found',
      'test.yaml:6:5 kafka.properties.sasl.password: a text, a number, true, false or {file: path} was expected, a list was found',
      'test.yaml:8:5 topics[0].request_topic: a topic name of 1 to 249 characters out of a-z A-Z 0-9 . _ - was expected, "orders requests" was found',
      'test.yaml:9:5 topics[0].backend_url: an http:// or https:// URL without credentials, query or fragment was expected, "orders:8080" was found',
      'test.yaml:10:5 topics[0].timeout: a time in seconds, above 0 was expected, "soon" was found',
      'test.yaml:11:5 topics[0].max_retries: a whole number, 1 or more was expected, 0 was found',
      'test.yaml:12:5 topics[1].request_topic: a topic other than response_topic was expected, "users" was found',
      'test.yaml:14:5 topics[1].backend_url: an http:// or https:// URL without credentials, query or fragment was expected, "http://***@users" was found',
      'test.yaml:16:7 topics[1].circuit_breaker.treshold: an unknown key; did you mean "threshold"?',
      'test.yaml:17:5 topics[2].request_topic: a topic other than that of topics[1] was expected, "users" was found',
      'test.yaml:18:27 topics[2].retry_statuses[1]: a status of 400 to 599 was expected, 200 was found',
      'test.yaml:20:5 topics[3].request_topic: a topic name of 1 to 249 characters out of a-z A-Z 0-9 . _ - was expected, nothing was found',
      'test.yaml:21:1 max_concurrent_requests: a whole number, 1 or more was expected, the text "100" was found: write it without quotes',
      'test.yaml:22:1 management_port: a port of 0 to 65535 was expected, 70000 was found',
    ]);
    expect(lines.join()).not.toContain('hunter2');
  });
});

describe('keys', () => {
  it('suggests the nearest known key only when one is near', () => {
    expect(ofProxy('defaultTimeout: 1\nwarmup-topics: []\nfrobnicate: 1\nprot: 1\n')).toEqual([
      'test.yaml:1:1 defaultTimeout: an unknown key; did you mean "default_timeout"?',
      'test.yaml:2:1 warmup-topics: an unknown key; did you mean "warmup_topics"?',
      'test.yaml:3:1 frobnicate: an unknown key',
      'test.yaml:4:1 prot: an unknown key; did you mean "port"?',
    ]);
  });

  it('suggests the section of a key that is at another level', () => {
    expect(ofProxy('bootstrap_servers: a:1')).toEqual([
      'test.yaml:1:1 bootstrap_servers: an unknown key; did you mean "kafka.bootstrap_servers"?',
    ]);
  });

  it('refuses an unknown key that has no value', () => {
    expect(ofProxy('default_timout:')).toHaveLength(1);
  });

  it('refuses an empty value of a free name', () => {
    expect(ofProxy('kafka:\n  properties:\n    sasl.password:\n')).toEqual([
      'test.yaml:3:5 kafka.properties.sasl.password: a text, a number, true, false or {file: path} was expected, nothing was found',
    ]);
  });

  it('refuses a header name that is none', () => {
    const [line] = ofProcessor('topics:\n- request_topic: a\n  backend_url: http://a\n  headers: {"a b": c}\n');
    expect(line).toBe('test.yaml:4:13 topics[0].headers.a b: a header name was expected, "a b" was found');
  });

  it('names a file that holds a secret when it is not there', () => {
    expect(ofProxy('kafka:\n  properties:\n    sasl.password: {file: /nowhere}\n')).toEqual([
      'test.yaml:3:5 kafka.properties.sasl.password: a file with the value was expected, "/nowhere" was found: there is no such file',
    ]);
  });

  it('judges what is inside a key that has two forms', () => {
    const breaker = (text: string) =>
      ofProcessor(`topics:\n- request_topic: a\n  backend_url: http://a\n  circuit_breaker: ${text}\n`);
    expect(breaker('{window: soon}')).toEqual([
      'test.yaml:4:21 topics[0].circuit_breaker.window: a time in seconds, above 0 was expected, "soon" was found',
    ]);
    expect(breaker('maybe')).toEqual([
      'test.yaml:4:3 topics[0].circuit_breaker: false, or a section of threshold, window, min_rps and half_open_after was expected, "maybe" was found',
    ]);
  });

  it('gives the place of the anchor where a mistake came by an alias', () => {
    const text = 'topics:\n- &a\n  request_topic: a\n  backend_url: a\n- *a\n';
    expect(ofProcessor(text).filter((line) => line.includes('topics[1].backend_url'))).toEqual([
      expect.stringMatching(/^test\.yaml:4:3 /),
    ]);
  });

  it('never repeats a secret of the file', () => {
    const text = 'topics:\n- request_topic: a\n  backend_url: http://a\n  headers: {A: "hunter2\\0"}\n';
    expect(ofProcessor(text)).toEqual([
      'test.yaml:4:13 topics[0].headers.A: a header value was expected, a text was found',
    ]);
  });

  it('keeps its line when a variable sets a key of a section that is none', () => {
    expect(ofProxy('kafka: 3\n', { KAFKA_BOOTSTRAP_SERVERS: 'a:1' })).toEqual([
      'test.yaml:1:1 kafka: a section of keys with values was expected, 3 was found',
    ]);
  });

  it('speaks of a missing list once', () => {
    expect(ofProcessor('port: 1')).toEqual([
      'test.yaml:1:1 topics: a list of topics was expected, nothing was found',
      'test.yaml:1:1 port: an unknown key',
    ]);
    expect(ofProcessor(undefined)).toEqual(['KAFKA_TOPICS topics: a list of topics was expected, nothing was found']);
  });
});

describe('files that are no configuration', () => {
  it('says in one line that a file is missing, or a list, or a scalar', () => {
    const missing = () => loadConfig({ schema: proxyConfig, file: '/nowhere/proxy.yaml', environment: {} });
    expect(missing).toThrow('/nowhere/proxy.yaml: a configuration file was expected, there is no such file');
    expect(() => loadConfig({ schema: proxyConfig, file: folder, environment: {} })).toThrow('it is a directory');
    expect(ofProxy('- a\n')).toEqual(['test.yaml: keys with values were expected, a list was found']);
    expect(ofProxy('hello')).toEqual(['test.yaml: keys with values were expected, a single value was found']);
  });

  it('says where YAML is broken and what is wrong before it', () => {
    const lines = ofProxy('port: soon\nwire: v2\n  host: a\ndefault_timeout: x\n');
    expect(lines[0]).toBe('test.yaml:1:1 port: a port of 0 to 65535 was expected, "soon" was found');
    expect(lines.at(-1)).toMatch(/^test\.yaml:\d+:\d+: YAML was expected: /);
    expect(lines.join()).not.toContain('default_timeout: a time');
  });

  it('says nothing of what comes after broken YAML, where it may only look wrong', () => {
    const lines = ofProxy('port: soon\nwire: v2\n  host: a\ndefault_timeout: x\nfrobnicate: 1\n');
    expect(lines[0]).toMatch(/^test\.yaml:1:1 port: /);
    expect(lines.slice(1).every((line) => line.includes('YAML was expected'))).toBe(true);
    expect(lines.length).toBeGreaterThan(1);
  });

  it('says that a key is there twice, beside the other mistakes', () => {
    expect(ofProxy('port: 1\nport: 2\nwire: v3\n')).toEqual([
      'test.yaml:2:1 port: the key was given already, one was expected',
      'test.yaml:3:1 wire: v1 or v2 was expected, "v3" was found',
    ]);
  });

  it('refuses an unknown CONFIG_SOURCE', () => {
    expect(ofProxy(undefined, { CONFIG_SOURCE: 'toml' })).toEqual([
      'CONFIG_SOURCE: yaml, json or env was expected, "toml" was found',
    ]);
  });
});

describe('variables', () => {
  it('names the variable of each, after those of the file', () => {
    const lines = ofProxy('max_pending: -1', {
      DEFAULT_TIMEOUT: 'soon',
      KAFKA_CREATE_TOPICS: 'maybe',
      REPLY_PARTITION: 'some',
      ROUTES: '[{"path":"orders"}]',
      WARMUP_TOPICS: 'a b',
      LOG_LEVEL: 'loud',
    });
    expect(lines).toEqual([
      'test.yaml:1:1 max_pending: a whole number, 1 or more was expected, -1 was found',
      'KAFKA_CREATE_TOPICS kafka.create_topics: true or false was expected, "maybe" was found',
      'DEFAULT_TIMEOUT default_timeout: a time in seconds, above 0 was expected, "soon" was found',
      'WARMUP_TOPICS warmup_topics[0]: a topic name of 1 to 249 characters out of a-z A-Z 0-9 . _ - was expected, "a b" was found',
      'ROUTES routes[0].path: a path prefix that starts with / was expected, "orders" was found',
      'ROUTES routes[0].request_topic: a topic name of 1 to 249 characters out of a-z A-Z 0-9 . _ - was expected, nothing was found',
      'REPLY_PARTITION reply_partition: a partition number, or all was expected, "some" was found',
      'LOG_LEVEL log_level: trace, debug, info, warn, error, fatal or silent was expected, "loud" was found',
    ]);
  });

  it('never repeats what a secret’s variable or a file holds', () => {
    writeFileSync(join(folder, 'hush'), 'hunter2');
    const lines = ofProxy(undefined, { KAFKA_PROPERTIES: 'hunter2', DEFAULT_TIMEOUT_FILE: join(folder, 'hush') });
    expect(lines).toEqual([
      'KAFKA_PROPERTIES kafka.properties: JSON was expected, another text was found',
      'DEFAULT_TIMEOUT_FILE default_timeout: a time in seconds, above 0 was expected, a text was found',
    ]);
  });

  it('refuses a file that is not there, and a variable given in both ways', () => {
    expect(ofProxy(undefined, { PROXY_PORT_FILE: '/nowhere', WIRE: 'v1', WIRE_FILE: '/nowhere' })).toEqual([
      'PROXY_PORT_FILE port: a file with the value was expected, "/nowhere" was found: there is no such file',
      'WIRE_FILE wire: one of WIRE and WIRE_FILE was expected, both were found',
    ]);
  });

  it('names the entry of KAFKA_TOPICS, and does not call a list empty that could not be read', () => {
    const shape = 'name:request_topic,response_topic,backend_url[,timeout[,max_retries[,rate_limit]]] was expected';
    expect(ofProcessor(undefined, { KAFKA_TOPICS: 'orders:a,b,http://c,soon;users:a,b,c;other' })).toEqual([
      `KAFKA_TOPICS: ${shape}, "other" was found`,
      'KAFKA_TOPICS orders.timeout: a time in seconds, above 0 was expected, "soon" was found',
      'KAFKA_TOPICS users.backend_url: an http:// or https:// URL without credentials, query or fragment was expected, "c" was found',
      'KAFKA_TOPICS users.request_topic: a topic other than that of topics[0] was expected, "a" was found',
    ]);
    expect(ofProcessor(undefined, { KAFKA_TOPICS: 'other' })).toEqual([`KAFKA_TOPICS: ${shape}, "other" was found`]);
    expect(ofProcessor('log_level: info', { KAFKA_TOPICS: 'other' })).toHaveLength(1);
    expect(ofProcessor(undefined, { KAFKA_TOPICS: ';' })).toEqual([
      'KAFKA_TOPICS topics: at least one topic was expected, an empty list was found',
    ]);
  });
});
