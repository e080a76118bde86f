import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { freePort } from '../machine/ports.js';
import { startService } from '../services/service-process.js';

/** On a thread of Node's own: tells each module that is imported. */
const HOOKS = `
let port;
export const initialize = (data) => { port = data; };
export const load = (url, context, next) => { port.postMessage(url); return next(url, context); };`;

/** Leaves a list of all modules that were loaded, imported or required, in the file that LOADED_LIST names. */
const PRELOAD = `
import { writeFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
const { port1, port2 } = new MessageChannel();
register(${JSON.stringify(dataUrl(HOOKS))}, { data: port2, transferList: [port2] });
process.once('exit', () => {
  const loaded = Object.keys(createRequire('file:///').cache);
  for (let told; (told = receiveMessageOnPort(port1)); ) loaded.push(told.message);
  writeFileSync(process.env.LOADED_LIST, loaded.join('\\n'));
});`;

function dataUrl(script: string): string {
  return `data:text/javascript,${encodeURIComponent(script)}`;
}

/** Names of the packages that a tier has loaded when it listens. */
async function loadedBy(tier: 'proxy' | 'processor', env: Readonly<Record<string, string>>): Promise<Set<string>> {
  const dir = mkdtempSync(join(tmpdir(), 'khp-loads-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const list = join(dir, 'loaded');
  const managementPort = await freePort();
  const service = await startService(tier, {
    env: {
      ...env,
      KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1',
      MANAGEMENT_PORT: String(managementPort),
      NODE_OPTIONS: `--import ${dataUrl(PRELOAD)}`,
      LOADED_LIST: list,
    },
    managementPort,
  });
  await service.stop();
  const files = readFileSync(list, 'utf8').split('\n');
  const names = files.map((file) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}

/** For a terminal, a configuration file, and probes and logins over HTTP. */
const NOT_BY_A_CONTAINER = ['pino-pretty', 'yaml', 'got'];

it.each([
  ['proxy', 'express', { PROXY_PORT: '0' }],
  ['processor', 'undici', { HEALTH_CHECK_INTERVAL: '0', KAFKA_TOPICS: 'a:b,c,http://127.0.0.1:1' }],
] as const)('a %s that is configured by variables starts without what only people need', async (tier, needed, env) => {
  const loaded = await loadedBy(tier, env);
  expect(loaded).toContain(needed);
  expect(loaded).toContain('zod');
  for (const name of NOT_BY_A_CONTAINER) expect(loaded).not.toContain(name);
  // The API is prom-client's; the SDK is what is behind it.
  expect([...loaded].filter((name) => /^@opentelemetry\/(?!api$)/.test(name))).toEqual([]);
  // The list does tell of it.
  const traced = await loadedBy(tier, { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
  expect(traced).toContain('@opentelemetry/sdk-trace-base');
});
