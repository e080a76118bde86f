import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../machine/ports.js';
import { repositoryPath } from '../services/service-process.js';

const CLI = repositoryPath('apps/cli/bin/kafka-http-proxy.js');
const PATH = [repositoryPath('node_modules/.bin'), process.env.PATH].join(delimiter);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'khp-commands-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs node on a script, whose child is handed to `meddle`, to its end. */
async function run(
  args: readonly string[],
  { cwd, env = {}, meddle }: RunOptions = {},
): Promise<Ended & { readonly signal: string | null }> {
  const child = spawn(process.execPath, args, { cwd, env: { PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  meddle?.(child);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, stdout, stderr };
}

interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly meddle?: (child: ChildProcessByStdio<null, Readable, Readable>) => void;
}

describe('the start scripts', () => {
  const start = repositoryPath('scripts/start.mjs');

  it('read a file from the folder that pnpm was called in, and not from the package that it goes to', async () => {
    writeFileSync(join(folder, 'mine.yaml'), 'port: 1234\n');
    const args = [start, 'apps/proxy/bin/kafka-proxy.js', '--', '--check', '--json', '--config', 'mine.yaml'];
    const { code, stdout } = await run(args, { cwd: repositoryPath('apps/proxy'), env: { INIT_CWD: folder } });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ port: 1234 });
  });

  it('name the whole path of a file that is not there', async () => {
    const args = [start, 'apps/proxy/bin/kafka-proxy.js', '--config', 'nowhere.yaml'];
    const { code, stderr } = await run(args, { cwd: repositoryPath('apps/proxy'), env: { INIT_CWD: folder } });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `${join(folder, 'nowhere.yaml')}: a configuration file was expected, there is no such file\n`,
    });
  });
});

describe('the demo', () => {
  it('prints its help, and starts nothing', async () => {
    const { code, stdout } = await run([CLI, 'demo', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: kafka-http-proxy demo \[options\]\n/);
  });

  it('listens on PROXY_PORT, and says nothing more when it is interrupted', async () => {
    const port = await freePort();
    const { code, stdout, stderr } = await run([CLI, 'demo'], {
      env: { PROXY_PORT: String(port) },
      meddle(child) {
        child.stdout.on('data', (chunk: Buffer) => {
          if (chunk.toString().includes('Ctrl-C ends it')) child.kill('SIGINT');
        });
      },
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`proxy      http://localhost:${port}\n`);
    expect(stdout).not.toContain('WARN');
  });

  it('ends with 0 when it is interrupted before it is up', async () => {
    const { code, signal, stderr } = await run([CLI, 'demo'], {
      env: { PROXY_PORT: '0' },
      meddle(child) {
        child.stdout.once('data', () => child.kill('SIGINT'));
      },
    });
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  });
});

describe('a reader that has seen enough', () => {
  it.each([
    ['the help', ['--help']],
    ['the help of a tier', ['proxy', '--help']],
    ['the configuration', ['proxy', '--check']],
    ['the demo', ['demo']],
  ])('ends %s without a word', async (_what, args) => {
    const { code, stderr } = await run([CLI, ...args], {
      env: { PROXY_PORT: '0' },
      meddle: (child) => child.stdout.destroy(),
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('a stray word', () => {
  it.each([
    [
      ['prxy'],
      expect.stringMatching(/^proxy, processor, .* was expected, "prxy" was found; did you mean "proxy"\?\n$/),
    ],
    [['demo', 'now'], '--help or --configs <dir> was expected, "now" was found\n'],
    [['--check', 'processor'], '"processor" has to come first: kafka-http-proxy processor\n'],
  ])('is named, and exits with 2: %j', async (args, sentence) => {
    expect(await run([CLI, ...args])).toMatchObject({ code: 2, stdout: '', stderr: sentence });
  });
});
