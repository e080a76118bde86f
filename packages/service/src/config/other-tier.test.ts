import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from './load-config.js';

const PROCESSOR = { tier: 'processor', command: 'kafka-processor', schema: processorConfig };
const PROXY = { tier: 'proxy', command: 'kafka-proxy', schema: proxyConfig };
const TOPICS = 'topics: [{ request_topic: orders, backend_url: "http://orders" }]\n';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'khp-tier-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What is said of a file, without its folder. */
function said(text: string, schema: typeof proxyConfig | typeof processorConfig): string {
  const file = join(folder, 'a.yaml');
  writeFileSync(file, text);
  try {
    loadConfig({ schema, file, environment: {}, other: schema === proxyConfig ? PROCESSOR : PROXY });
    return 'taken';
  } catch (error) {
    return (error as Error).message.replaceAll(`${folder}/`, '');
  }
}

describe('a configuration of the other tier', () => {
  it('is recognised by the proxy, in one line', () => {
    expect(said(`kafka: { bootstrap_servers: a:9092 }\n${TOPICS}`, proxyConfig)).toBe(
      'a.yaml: this is a configuration of the processor (topics): kafka-processor takes it',
    );
  });

  it('is recognised by the processor, in one line', () => {
    expect(said('port: 8080\nroutes: []\n', processorConfig)).toBe(
      'a.yaml: this is a configuration of the proxy (port, routes): kafka-proxy takes it',
    );
  });

  it('is not taken for one where it has keys of both: those of the other are told one by one', () => {
    expect(said(`port: 8080\n${TOPICS}`, proxyConfig)).toBe('a.yaml:2:1 topics: a key of the processor, unknown here');
  });

  it('is not taken for one by a single key that may be a slip', () => {
    expect(said('retry_buffer: 5\n', proxyConfig)).toBe(
      'a.yaml:1:1 retry_buffer: a key of the processor, unknown here',
    );
  });

  it('is not seen in what both tiers take', () => {
    expect(said('management_port: 9090\n', proxyConfig)).toBe('taken');
  });
});
