import { execFile, spawnSync } from 'node:child_process';
import { access, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { createProducer } from '@kafka-http-proxy/kafka';
import { hasProgram, repositoryPath } from '@kafka-http-proxy/testkit';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { settingsOf, testName } from '../testing/stage.js';

const broker = inject('broker');
const topic = testName('completed');
const run = promisify(execFile);
let dir: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  const producer = await createProducer(settingsOf(broker), { messageTimeoutMs: 10_000 });
  await producer.partitionsOf(topic);
  await producer.close(1000);
  dir = await mkdtemp(join(tmpdir(), 'khp-completion-'));
  const command = join(dir, 'kafka-http-proxy');
  const bin = repositoryPath('apps/cli/bin/kafka-http-proxy.js');
  await writeFile(command, `#!/bin/sh\nexec ${JSON.stringify(process.execPath)} ${JSON.stringify(bin)} "$@"\n`);
  await chmod(command, 0o755);
  const properties = JSON.stringify(broker.properties);
  env = { PATH: `${dir}${delimiter}${process.env.PATH}`, HOME: dir, KAFKA_PROPERTIES: properties, TERM: 'dumb' };
  for (const { name } of SHELLS) {
    const { stdout } = await run('kafka-http-proxy', ['completion', name], { env });
    await writeFile(join(dir, name), stdout);
  }
});
afterAll(() => rm(dir, { recursive: true }));

/** A shell, and what it offers for a line. */
interface Shell {
  readonly name: 'bash' | 'zsh' | 'fish';
  /** Loads the script twice, as who reloads his profile does, and prints what is offered for the line. */
  script(line: string): string;
}

const SHELLS: Shell[] = [
  {
    name: 'bash',
    script: (line) => `
      source ./bash && source ./bash || exit
      COMP_LINE=${quoted(line)} COMP_POINT=\${#COMP_LINE}
      _kafka_http_proxy kafka-http-proxy 2>/dev/null
      printf '%s\\n' "\${COMPREPLY[@]}"`,
  },
  {
    name: 'zsh',
    script: (line) => `
      autoload -Uz compinit && compinit -u -D
      source ./zsh && source ./zsh || exit
      _describe() { print -rl -- \${(P)2}; }
      words=(\${(z)\${:-${quoted(line)}}}); [[ ${quoted(line)} == *' ' ]] && words+=('')
      CURRENT=$#words
      _kafka-http-proxy`,
  },
  {
    name: 'fish',
    script: (line) => `
      source ./fish; and source ./fish; or exit
      complete -C ${quoted(line)}`,
  },
];

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

describe.each(SHELLS)('in $name', ({ name, script }) => {
  const isInstalled = hasProgram(name);
  /** What is offered, without descriptions. */
  const offered = async (line: string) => {
    const { stdout } = await run(name, ['-c', script(line)], { env, cwd: dir });
    return stdout.split('\n').flatMap((item) => (item === '' ? [] : [item.split(/[\t:]/)[0] as string]));
  };

  it.runIf(isInstalled)('the script completes commands and options', async () => {
    expect(await offered('kafka-http-proxy re')).toEqual(['request']);
    expect(await offered('kafka-http-proxy request --max')).toEqual(['--max-time']);
  });

  it.runIf(isInstalled)('it completes the name of a topic, which the brokers of the line have', async () => {
    const begin = topic.slice(0, -3);
    expect(await offered(`kafka-http-proxy request -b ${broker.bootstrapServers} -t ${begin}`)).toEqual([topic]);
    expect(await offered(`kafka-http-proxy lag -b ${broker.bootstrapServers} ${begin}`)).toEqual([topic]);
  });

  it.runIf(isInstalled)('it runs nothing of what stands on the line', async () => {
    const trap = join(dir, `trap-${name}`);
    await offered(`kafka-http-proxy request -d $(touch ${trap}) -H "\`touch ${trap}\`" --max`);
    await expect(access(trap)).rejects.toThrow();
  });
});

it.runIf(hasProgram('bash'))('the script for bash is sound', () => {
  const checked = spawnSync('bash', ['-n', join(dir, 'bash')], { encoding: 'utf8' });
  expect({ status: checked.status, stderr: checked.stderr }).toEqual({ status: 0, stderr: '' });
});

it('answers a script too that calls it in bash with words alone, and says nothing on the way', async () => {
  const lines =
    'source ./bash; COMP_WORDS=(kafka-http-proxy dlq ex) COMP_CWORD=2; _kafka_http_proxy; echo "$COMPREPLY"';
  const { stdout, stderr } = await run('bash', ['--norc', '-uc', lines], { cwd: dir, env });
  expect([stdout, stderr]).toEqual(['export\n', '']);
});

it('says nothing where brokers do not answer, and leaves files to the shell where one is expected', async () => {
  const asked = async (...words: string[]) => await run('kafka-http-proxy', ['complete', '--', ...words], { env });
  expect(await asked('request', '-b', '127.0.0.1:1', '-t', '')).toEqual({ stdout: ':4\n', stderr: '' });
  expect(await asked('request', '-c', 'not-there.yaml', '-t', '')).toEqual({ stdout: ':4\n', stderr: '' });
  expect(await asked('request', '-c', '')).toEqual({ stdout: ':0\n', stderr: '' });
});

it('offers topics of a configuration where brokers do not answer', async () => {
  const file = join(dir, 'proxy.yaml');
  const routes = [{ path: '/', request_topic: 'orders-requests', response_topic: 'orders-responses' }];
  await writeFile(file, JSON.stringify({ kafka: { bootstrap_servers: '127.0.0.1:1' }, routes }));
  const { stdout } = await run('kafka-http-proxy', ['complete', '--', 'request', '-c', file, '-t', 'ord'], { env });
  expect(stdout).toBe('orders-requests\t\norders-responses\t\n:4\n');
});

it('refuses a shell that it has no script for', async () => {
  const failed = await run('kafka-http-proxy', ['completion', 'tcsh'], { env }).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 2, stderr: expect.stringContaining('Allowed choices are bash, zsh, fish') });
});
