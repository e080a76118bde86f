import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mark } from '@kafka-http-proxy/operate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openFileMarks } from './file-marks.js';

const MARK: Mark = { v: 1, state: 'sending', n: 1, run: 'r', by: 'alice@ops-1', at: 1_790_000_000_000 };
const LETTER = { partition: 0, offset: 41 };
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'khp-marks-'));
});
afterAll(() => rm(dir, { recursive: true }));

it('keeps the last mark of each letter, for its owner alone', async () => {
  const path = join(dir, 'kept');
  const marks = await openFileMarks(path, 'failed', {});
  expect(await marks.write(LETTER, MARK)).toBe(1);
  expect(await marks.write(LETTER, { ...MARK, state: 'answered', status: 200 })).toBe(2);
  await marks.write({ partition: 1, offset: 0 }, MARK);
  await marks.close();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const seen: string[] = [];
  const again = await openFileMarks(path, 'failed', { onMark: (_letter, { state }) => seen.push(state) });
  expect(again.all().get('0:41')).toEqual({ ...MARK, state: 'answered', status: 200 });
  expect(again.all().size).toBe(2);
  expect(seen).toEqual(['sending', 'answered', 'sending']);
  await again.forget([LETTER]);
  await again.close();
  expect([...(await openFileMarks(path, 'failed', {})).all().keys()]).toEqual(['1:0']);
});

it('passes over half a line of one that was killed, and writes on behind it', async () => {
  const path = join(dir, 'torn');
  const first = await openFileMarks(path, 'failed', {});
  await first.write(LETTER, MARK);
  await first.close();
  await appendFile(path, '{"topic":"failed","letter":"0:42","ma');
  const second = await openFileMarks(path, 'failed', {});
  await second.write({ partition: 0, offset: 43 }, MARK);
  await second.close();
  expect([...(await openFileMarks(path, 'failed', {})).all().keys()]).toEqual(['0:41', '0:43']);
  expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(4);
});

it('takes no marks of another topic, of letters that are gone, or of no letter', async () => {
  const path = join(dir, 'others');
  const others = await openFileMarks(path, 'others', {});
  await others.write(LETTER, MARK);
  await others.close();
  await appendFile(path, `${JSON.stringify({ topic: 'failed', letter: 'lock', mark: MARK })}\n`);
  expect((await openFileMarks(path, 'failed', {})).all().size).toBe(0);
  expect((await openFileMarks(path, 'others', { isThere: ({ offset }) => offset > 41 })).all().size).toBe(0);
});

it('says why a file can not be used, and makes none by reading', async () => {
  await expect(openFileMarks(dir, 'failed', {})).rejects.toThrow(`--state: ${dir}: EISDIR`);
  const path = join(dir, 'none');
  await (await openFileMarks(path, 'failed', {})).close();
  await expect(stat(path)).rejects.toThrow('ENOENT');
});
