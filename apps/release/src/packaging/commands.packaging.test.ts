import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finished, runProgram } from '@kafka-http-proxy/testkit';
import { describe, expect, inject, it } from 'vitest';
import { ROOT } from '../machine/paths.js';
import { run } from '../machine/run.js';

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

const SELF = 'apps/release/src/packaging/commands.packaging.test.ts';

const { dir } = inject('installation');

const COMMANDS: readonly (readonly [command: string, mode: string, env: Readonly<Record<string, string>>])[] = [
  ['kafka-proxy', 'itself', {}],
  ['kafka-processor', 'itself', { KAFKA_TOPICS: 'a:b,c,http://d' }],
  ['kafka-http-proxy', 'the proxy', { MODE: 'proxy' }],
  ['kafka-http-proxy', 'the processor', { MODE: 'processor', KAFKA_TOPICS: 'a:b,c,http://d' }],
];

describe.each(COMMANDS)('the packed command %s as %s', (command, _mode, env) => {
  it('says its version', async () => {
    const { code, output } = await start(command, ['--version'], env);
    expect(output.trim()).toBe(version);
    expect(code).toBe(0);
  });

  it('ends with 0 after --help', async () => {
    expect(await start(command, ['--help'], env)).toMatchObject({ code: 0 });
  });

  it('ends with 0 where --check finds no mistake', async () => {
    expect(await start(command, ['--check'], env)).toMatchObject({ code: 0 });
  });

  it('ends with 2 where --check finds a mistake', async () => {
    const wrong = { ...env, KAFKA_TOPIC_PARTITIONS: 'many' };
    expect(await start(command, ['--check'], wrong)).toMatchObject({ code: 2 });
  });
});

describe('the packed command kafka-http-proxy', () => {
  it('ends with 2 in an unknown MODE', async () => {
    expect(await start('kafka-http-proxy', [], { MODE: 'both' })).toMatchObject({ code: 2 });
  });
});

function start(command: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Finished> {
  return runProgram(`node_modules/.bin/${command}`, args, { cwd: dir, env });
}

describe('what is committed', () => {
  it('holds no path of a machine, registry host or private key', async () => {
    const pattern = String.raw`(/roo[t]/|/home/[a-z]|registry\.[a-z]+\.org|repo1?[.]maven|BEGIN [A-Z ]*PRIVATE KEY-----[^\\])`;
    // git grep ends with 1 where it finds nothing.
    const found = await run('bash', ['-c', 'git grep -n -I -E "$0" -- . ":!$1" || [ $? = 1 ]', pattern, SELF]);
    expect(found).toBe('');
  });
});
