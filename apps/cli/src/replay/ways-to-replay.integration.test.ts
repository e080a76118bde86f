import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { linesOf, useReplayStage } from '../testing/replay-stage.js';

const stage = useReplayStage();

it('sends letters of one key one after the other, in their order', async () => {
  await stage.backend.fall();
  for (let i = 0; i < 6; i++)
    await stage.send('PUT', `/k${i}`, { 'X-Kafka-Key': i % 3 === 0 ? 'a' : 'b' }, Buffer.from('s'));
  await stage.backend.rise();
  stage.backend.answer = (_, response) => void setTimeout(() => response.end(), 30);
  expect((await stage.dlq('replay', '--yes')).code).toBe(0);
  const ran = stage.backend.executed.splice(0);
  for (const key of [
    ['/k0', '/k3'],
    ['/k1', '/k2', '/k4', '/k5'],
  ]) {
    const own = ran.filter(({ target }) => key.includes(target));
    expect(own.map(({ target }) => target)).toEqual(key);
    for (const [i, { startedMs }] of own.entries()) {
      if (i > 0) expect(startedMs).toBeGreaterThanOrEqual(own[i - 1]?.endedMs ?? Number.POSITIVE_INFINITY);
    }
  }
});

it('hands over and waits for nothing where it is told so', async () => {
  await stage.backend.fall();
  await stage.send('PUT', '/w', {}, Buffer.from('w'));
  await stage.backend.rise();
  const run = await stage.dlq('replay', '--yes', '--json', '--no-wait');
  expect(linesOf(run)).toMatchObject([{ state: 'sent', replays: 1 }]);
  await expect.poll(() => stage.backend.executed.splice(0).map(({ target }) => target)).toEqual(['/w']);
  expect((await stage.looked()).ready).toBe(0);
});

it('lets one run at a time, and says whose it is', async () => {
  await stage.backend.fall();
  for (let i = 0; i < 4; i++) await stage.send('PUT', `/two${i}`, {}, Buffer.from('s'));
  await stage.backend.rise();
  stage.backend.answer = (_, response) => void setTimeout(() => response.end(), 2000);
  const first = stage.dlq('replay', '--yes', '--concurrency', '1');
  await expect.poll(() => stage.backend.executed.length).toBe(1);
  const second = await stage.dlq('replay', '--yes');
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(/are being replayed already: run \d{8}-\d{4}-[0-9a-f]{4} of \S+@\S+, since 20/);
  expect((await first).code).toBe(0);
  expect(stage.backend.executed.splice(0)).toHaveLength(4);
});

it('sends letters that were exported and edited, and takes nothing else for one', async () => {
  await stage.backend.fall();
  await stage.send('PUT', '/exported', {}, Buffer.from('before'));
  await stage.backend.rise();
  const dir = await mkdtemp(join(tmpdir(), 'khp-replay-'));
  const path = join(dir, 'letters.ndjson');
  await stage.dlq('export', '-o', path, '--path', '/exported');
  const line = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...line, value: Buffer.from('after').toString('base64') }));
  const run = await stage.dlq('replay', '--yes', '--json', '--from', path);
  expect(run.code, run.stderr).toBe(0);
  expect(linesOf(run)).toMatchObject([{ state: 'answered', status: 200 }]);
  expect(stage.backend.executed.splice(0).map(({ digest }) => digest)).toEqual([
    createHash('sha256').update('after').digest('hex'),
  ]);
  expect((await stage.looked()).ready).toBe(0);
  await writeFile(path, '{"v":1}\n');
  expect(await stage.dlq('replay', '--yes', '--from', path)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('letters.ndjson:1: topic: '),
  });
  expect((await stage.dlq('replay', '--yes', '--from', join(dir, 'none'))).stderr).toContain('--from: ENOENT');
  await rm(dir, { recursive: true });
});

it('asks on a terminal, and needs --yes where there is none', async () => {
  await stage.backend.fall();
  await stage.send('PUT', '/asked', {}, Buffer.from('x'));
  await stage.backend.rise();
  expect(await stage.dlq('replay')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('say --yes, or --dry-run'),
  });
  const elsewhere = await stage.dlq('replay', '--dry-run', '--to', 'no-such-topic');
  expect(elsewhere).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no topic no-such-topic') });
  const no = await stage.typed('n\n');
  expect(no.stderr).toMatch(/1 of \d+ letters will be sent: 1 to \S+\n[\s\S]*Send them\? \[y\/N\] /);
  expect(no.code).toBe(1);
  expect(stage.backend.executed).toEqual([]);
  const yes = await stage.typed('y\n');
  expect(yes.code, yes.stderr).toBe(0);
  expect(stage.backend.executed.splice(0)).toHaveLength(1);
});
