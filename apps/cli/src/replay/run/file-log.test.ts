import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openFileLog } from './file-log.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'khp-log-'));
});
afterAll(() => rm(dir, { recursive: true }));

const logOf = (path: string, run: string) =>
  openFileLog({ name: path, write: async () => 1 }, { run, by: 'alice@ops-1' });

it('lets one run at a time have a file, and the next when it has ended', async () => {
  const path = join(dir, 'marks');
  // A process that is there, and is not this one.
  const other = { v: 1, gen: 1, state: 'held', run: 'r1', by: 'bob@ops-1', since: 1000, pid: process.ppid };
  await writeFile(`${path}.lock`, JSON.stringify(other));
  expect(await logOf(path, 'r2').take()).toMatchObject({ run: 'r1', by: 'bob@ops-1' });
  await rm(`${path}.lock`);
  const mine = logOf(path, 'r2');
  expect(await mine.take()).toBeNull();
  await mine.release();
  await expect(stat(`${path}.lock`)).rejects.toThrow('ENOENT');
});

it.each([
  [
    'of a process that is gone',
    JSON.stringify({ v: 1, gen: 1, state: 'held', run: 'r', by: 'b', since: 1, pid: 4_194_303 }),
  ],
  ['of which half was written', '{"v":1,'],
  ['that is empty', ''],
])('takes over a lock %s', async (what, text) => {
  const path = join(dir, what.replaceAll(' ', '-'));
  await writeFile(`${path}.lock`, text);
  const log = logOf(path, 'r2');
  expect(await log.take()).toBeNull();
  expect(await log.announce({ partition: 0, offset: 1 }, {} as never)).toBe(true);
});

it('says why a file can not be used', async () => {
  await expect(logOf(join(dir, 'missing', 'marks'), 'r').take()).rejects.toThrow('--state: ');
});
