import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryPath } from '../services/service-process.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'khp-check-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const TOPICS = 'topics: [{ request_topic: orders, backend_url: "http://orders" }]\n';
const COMMANDS = [
  ['kafka-proxy', 'apps/proxy/bin/kafka-proxy.js', {}, ''],
  ['kafka-processor', 'apps/processor/bin/kafka-processor.js', {}, TOPICS],
  ['kafka-http-proxy, MODE=proxy', 'apps/cli/bin/kafka-http-proxy.js', { MODE: 'proxy' }, ''],
  ['kafka-http-proxy, MODE=processor', 'apps/cli/bin/kafka-http-proxy.js', { MODE: 'processor' }, TOPICS],
] as const;

/** Runs a command to its end. */
function runToEnd(binary: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [repositoryPath(binary), ...args], { env: { PATH: process.env.PATH, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

describe.each(COMMANDS)('%s', (_name, binary, env, rest) => {
  const config = (properties: string) => {
    const path = join(folder, 'config.yaml');
    writeFileSync(path, `kafka:\n  properties: ${properties}\n${rest}`);
    return path;
  };

  it.each([[['--check']], [[]]])(
    'names a property that librdkafka refuses in one line and exits with 2, with %j',
    async (flags) => {
      const path = config('{ sasl.mechanismx: PLAIN }');
      expect(await runToEnd(binary, [...flags, '--config', path], env)).toEqual({
        code: 2,
        stdout: '',
        stderr: `${path}:2:17 kafka.properties.sasl.mechanismx: librdkafka refuses it: No such configuration property: "sasl.mechanismx"\n`,
      });
    },
  );

  it('prints nothing but the configuration where librdkafka takes them, whatever it logs', async () => {
    const path = config('{ debug: all, security.protocol: SSL }');
    const { code, stdout, stderr } = await runToEnd(binary, ['--check', '--json', '--config', path], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ kafka: { properties: { debug: 'all' } } });
  });
});
