import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { StreamingBackend } from '../http/streaming-backend.js';
import { mustRun } from '../machine/program.js';
import { type Bridge, startBridge } from '../services/bridge.js';
import { startGitServer } from '../services/git-server.js';

/*
 * git over smart HTTP, as it is: a pack of more than http.postBuffer (1 MiB) goes up chunked, of a
 * length that nobody knows, and what is cloned comes down as the server packs it.
 */

const FILES = 11;
const FILE_BYTES = 10_000_000;

let dir: string;
let server: StreamingBackend;
let bridge: Bridge;

/** Settings of this machine's users must not matter; git spends no time on what can't be compressed. */
const CONFIG = '[core]\nbigFileThreshold = 1m\ncompression = 0\n[http]\nreceivepack = true\n';
const ENV = {
  GIT_CONFIG_GLOBAL: '',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.org',
};
const git = (repository: string, ...args: string[]) => mustRun('git', args, { cwd: join(dir, repository), env: ENV });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'khp-git-'));
  ENV.GIT_CONFIG_GLOBAL = join(dir, 'config');
  await writeFile(ENV.GIT_CONFIG_GLOBAL, CONFIG);
  await git('.', 'init', '-q', '-b', 'main', 'source');
  for (let i = 0; i < FILES; i++) await writeFile(join(dir, 'source', `random-${i}`), randomBytes(FILE_BYTES));
  await git('source', 'add', '.');
  await git('source', 'commit', '-q', '-m', 'Random bytes');
  await writeFile(join(dir, 'source', 'README'), 'Small.\n');
  await git('source', 'add', '.');
  await git('source', 'commit', '-q', '-m', 'A text');
  server = await startGitServer(dir, ENV);
  bridge = await startBridge({ broker: inject('broker'), backendUrl: server.url });
});

afterAll(async () => {
  await bridge?.close();
  await server?.close();
  if (dir) await rm(dir, { recursive: true, force: true });
});

it.each([
  ['directly', () => server.url],
  ['through the bridge', () => bridge.origin],
])('110 MB are pushed and cloned %s', async (how, origin) => {
  const name = how.replaceAll(' ', '-');
  const url = `${origin()}/${name}.git`;
  await git('.', 'init', '-q', '--bare', '-b', 'main', `${name}.git`);
  const startedMs = performance.now();
  await git('source', 'push', '-q', url, 'main');
  const pushedMs = performance.now();
  await git('.', 'clone', '-q', url, name);
  const clonedMs = performance.now();
  process.stderr.write(
    `git ${how}: push ${Math.round(pushedMs - startedMs)} ms, clone ${Math.round(clonedMs - pushedMs)} ms\n`,
  );

  const head = await git('source', 'rev-parse', 'HEAD');
  expect(await git(`${name}.git`, 'rev-parse', 'main')).toBe(head);
  expect(await git(name, 'rev-parse', 'HEAD')).toBe(head);
  // Each object by its hash, then the files.
  await git(name, 'fsck', '--full', '--strict');
  await git(name, 'diff', '--exit-code', 'HEAD');
  expect((await git(name, 'ls-files')).trim().split('\n')).toHaveLength(FILES + 1);
});
