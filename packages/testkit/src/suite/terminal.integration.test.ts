import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { freePort } from '../machine/ports.js';
import { repositoryPath } from '../services/service-process.js';
import { hasTerminal, startAtTerminal } from '../services/terminal.js';

const broker = inject('broker');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'khp-terminal-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a tier shows at a terminal, from its start to the end of its stop, less what is told on the way (rebalances). */
async function shown(tier: 'proxy' | 'processor', port: number, config: object): Promise<string> {
  const file = join(folder, `${tier}.json`);
  const kafka = { bootstrap_servers: broker.bootstrapServers, properties: broker.properties };
  writeFileSync(file, JSON.stringify({ kafka, ...config }));
  const binary = repositoryPath(`apps/${tier}/bin/kafka-${tier}.js`);
  const terminal = startAtTerminal([process.execPath, binary, '--config', file], { HOST: '127.0.0.1' });
  await terminal.printed('\nready  ');
  expect(await terminal.interrupt()).toBe(0);
  return terminal
    .text()
    .replaceAll(folder, '/etc/khp')
    .replaceAll(broker.bootstrapServers, 'kafka:9092')
    .replaceAll(String(port), '8080')
    .replaceAll(/^(kafka-\w+) [\d.]+/gm, '$1 2.0.0')
    .replaceAll(/\[\d\d:\d\d:\d\d\]/g, '[12:00:00]')
    .replaceAll('^C', '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && (!line.includes('INFO') || line.includes('stop')))
    .join('\n');
}

describe.skipIf(!hasTerminal)('on a terminal', () => {
  it('the proxy shows its start in five lines, and its stop', async () => {
    const port = await freePort();
    const routes = [{ path: '/orders', request_topic: 'terminal-orders', response_topic: 'terminal-replies' }];
    const config = { port, routes, allowed_topics: [], control_topic: 'terminal-control' };
    expect(await shown('proxy', port, config)).toMatchInlineSnapshot(`
      "kafka-proxy 2.0.0, /etc/khp/proxy.json
      Kafka      kafka:9092
      listening  http://127.0.0.1:8080, also /health, /ready and /metrics
      routes     /orders -> terminal-orders -> terminal-replies
                 else    -> 404
      ready      Ctrl-C stops it
      [12:00:00] INFO: SIGINT: stopping, within 30 s {"signal":"SIGINT"}
      [12:00:00] INFO: stopped"
    `);
  });

  it('the processor shows its start in five lines, and its stop', async () => {
    const port = await freePort();
    const topics = [{ request_topic: 'terminal-orders', backend_url: 'http://127.0.0.1:9' }];
    const config = { topics, management_port: port, health_check_interval: 0, control_topic: 'terminal-control' };
    expect(await shown('processor', port, config)).toMatchInlineSnapshot(`
      "kafka-processor 2.0.0, /etc/khp/processor.json
      Kafka      kafka:9092
      listening  http://127.0.0.1:8080, /health, /ready, /metrics and /status
      topics     terminal-orders -> http://127.0.0.1:9 (group processor-terminal-orders)
      ready      Ctrl-C stops it
      [12:00:00] INFO: SIGINT: stopping, within 30 s {"signal":"SIGINT"}
      [12:00:00] INFO: stopped"
    `);
  });
});
