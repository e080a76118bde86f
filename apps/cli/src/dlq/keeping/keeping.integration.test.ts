import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OutgoingRecord } from '@kafka-http-proxy/kafka';
import { recordOfLine } from '@kafka-http-proxy/operate';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type CapturedOptions, runCaptured } from '../../testing/captured-host.js';
import { brokerWords, letterOf, writeRecords } from '../../testing/dead-letters.js';

const broker = inject('broker');
const named = () => `failed-${randomBytes(4).toString('hex')}`;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'khp-dlq-'));
});
afterAll(() => rm(dir, { recursive: true }));

/** A topic of its own with letters, and `dlq` over it. */
async function lettersOf(make: (topic: string) => OutgoingRecord[]) {
  const topic = named();
  const records = make(topic);
  await writeRecords(broker, records);
  const run = (words: string, options: CapturedOptions = {}) =>
    runCaptured(['dlq', ...words.split(' '), ...brokerWords(broker), '--dead-letter-topic', topic], options);
  return { topic, records, run };
}

const linesOf = (text: string) => text.split('\n').filter(Boolean);

describe('dlq export', () => {
  const poison = [
    { 'x-no-value': Buffer.alloc(0) },
    { 'khp-error': Buffer.from([0xff, 0, 0x1b]) },
    { '': Buffer.from('no name') },
  ];
  const make = (topic: string) => [
    letterOf(topic, { body: randomBytes(100_000) }, {}, { key: randomBytes(20) }),
    letterOf(topic, { headers: ['Host', 'shop', 'Cookie', 'a=secret', 'X-Tag', 'caf\xe9'], body: null }),
    letterOf(topic, {}, { truncated: true }),
    { topic, partition: 0, key: null, value: Buffer.from([0, 255, 10]), headers: poison },
  ];

  it('gives back the same bytes', async () => {
    const { records, run } = await lettersOf(make);
    const path = join(dir, 'letters.ndjson');
    await writeFile(path, 'older', { mode: 0o644 });
    await chmod(path, 0o644);
    const { code, stdout, stderr } = await run(`export --as ndjson -o ${path}`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain(`4 letters in ${path}`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const read = linesOf(await readFile(path, 'utf8')).map(recordOfLine);
    const bytes = (headers: OutgoingRecord['headers']) =>
      headers.flatMap((header) => Object.entries(header).map(([name, value]) => [name, Buffer.from(value as Buffer)]));
    for (const [i, record] of records.entries()) {
      const found = read[i];
      if (typeof found !== 'object') throw new Error(found);
      expect(found).toMatchObject({ partition: 0, offset: i, topic: record.topic });
      expect(found.key).toEqual(record.key);
      expect(found.value).toEqual(record.value);
      expect(bytes(found.headers)).toEqual(bytes(record.headers));
    }
    expect((await run('export')).stdout).toBe(await readFile(path, 'utf8'));
  });

  it('writes commands of curl and an archive, without secrets and without what is no whole request', async () => {
    const { run, topic } = await lettersOf(make);
    const curl = await run('export --as curl --origin http://proxy:8080');
    expect(linesOf(curl.stdout).filter((line) => line.startsWith('#'))).toEqual([
      `# ${topic}/0@0 ready backend_unreachable`,
      `# ${topic}/0@1 ready backend_unreachable`,
    ]);
    expect(curl.stdout).toContain("'http://proxy:8080/orders/7?x=1'");
    expect(curl.stderr).toContain('2 left out');
    const har = await run('export 0@1 --as har');
    const { log } = JSON.parse(har.stdout);
    expect(log.entries).toHaveLength(1);
    for (const text of [curl.stdout, har.stdout]) expect(text).not.toMatch(/secret|0123456789abcdef/);
    expect((await run('export --as har --show-secrets')).stdout).toContain('a=secret');
    expect((await run('export --as curl --origin proxy')).code).toBe(2);
    expect((await run('export --as xml')).code).toBe(2);
  });
});

it('exports what strangers wrote so that a terminal obeys nothing of it, and a reader gets the same', async () => {
  const hidden = '\u009b31m';
  const make = (topic: string) => {
    const letter = letterOf(topic, { target: '/a', headers: ['Host', 'shop', 'X-Tag', hidden] });
    return [{ ...letter, headers: [...letter.headers, { [`x-${hidden}\u007f\u202e`]: 'v' }] }];
  };
  const { run } = await lettersOf(make);
  for (const form of ['ndjson', 'curl', 'har']) {
    const { stdout } = await run(`export --as ${form}`);
    expect(stdout, form).not.toMatch(/[\u007f-\u009f\u202e]/);
    if (form === 'har') expect(JSON.parse(stdout).log.entries[0].request.headers[1].value).toBe(hidden);
    if (form === 'ndjson') expect(JSON.parse(stdout).headers.at(-1)[0]).toBe(`x-${hidden}\u007f\u202e`);
  }
});

describe('dlq discard', () => {
  const make = (topic: string) =>
    ['GET', 'POST', 'POST', 'PUT'].map((method, i) =>
      letterOf(topic, { method, correlationId: `AAAAAAA${i}-abcdefghijkl.0123456789abcdef` }),
    );
  const open = async (run: Awaited<ReturnType<typeof lettersOf>>['run'], words = 'list') =>
    linesOf((await run(words)).stdout).map((line) => line.split('\t')[0]);

  it('marks those that were named, which are hidden from then on', async () => {
    const { run, topic } = await lettersOf(make);
    const { code, stdout } = await run(`discard ${topic}/0@1 AAAAAAA3 --json`);
    expect(code).toBe(0);
    const marked = linesOf(stdout).map((line) => JSON.parse(line));
    expect(marked).toMatchObject([{ letter: `${topic}/0@1` }, { letter: `${topic}/0@3`, state: 'discarded' }]);
    expect(await open(run)).toEqual(['0@0', '0@2']);
    expect(await open(run, 'list --all')).toEqual(['0@0', '0@1', '0@2', '0@3']);
    expect((await run('--json')).stderr).toContain('2 open; 2 more are settled');
    expect((await run('show 0@1')).stdout).toMatch(/0@1 {2}discarded \(else ready\)\n.*mark +discarded .* by .*@/s);
    const runs = await run('runs --json');
    expect(JSON.parse(runs.stdout)).toMatchObject({ run: marked[0].run, by: expect.stringContaining('@') });
    expect(JSON.parse(runs.stdout).counts).toEqual({ discarded: 2 });
    expect((await run('discard 0@1')).code).toBe(1);
  });

  it('asks before it marks what a filter finds, and takes no pipe for a yes', async () => {
    const { run } = await lettersOf(make);
    expect(await run('discard --method POST')).toMatchObject({ code: 2, stderr: expect.stringContaining('say --yes') });
    expect((await run('discard')).code).toBe(2);
    const no = await run('discard --method POST', { terminal: true, stdin: 'n\n' });
    expect(no).toMatchObject({ code: 1, stderr: expect.stringContaining('Discard 2 letters') });
    expect(await open(run)).toHaveLength(4);
    expect((await run('discard --method POST', { terminal: true, stdin: 'y\n' })).code).toBe(0);
    expect((await run('discard --method PUT --yes')).code).toBe(0);
    expect(await open(run)).toEqual(['0@0']);
  });

  it('keeps marks in a file where it is told to', async () => {
    const { run } = await lettersOf(make);
    const state = join(dir, 'state.ndjson');
    expect((await run(`discard 0@0 --state ${state}`)).code).toBe(0);
    expect(await open(run, `list --state ${state}`)).toEqual(['0@1', '0@2', '0@3']);
    expect(await open(run)).toHaveLength(4);
  });
});

describe.runIf(broker.kind === 'kafka')('dlq purge', () => {
  it('deletes what is older, says what that is, and forgets what was done about it', async () => {
    const { run, topic } = await lettersOf((name) => [letterOf(name), letterOf(name, { method: 'GET' })]);
    await run('discard 0@0');
    const before = new Date().toISOString();
    await writeRecords(broker, [letterOf(topic, { method: 'PUT' })]);
    expect((await run(`purge --before ${before}`)).code).toBe(2);
    const { code, stdout, stderr } = await run(`purge --before ${before} --yes`);
    expect(code).toBe(0);
    expect(stdout).toBe('1\tread_only\topen\n1\tdiscarded\t\n');
    expect(stderr).toContain('2 letters deleted');
    expect(linesOf((await run('list --all')).stdout).map((line) => line.split('\t')[0])).toEqual(['0@2']);
    expect((await run('runs')).stdout).toBe('');
    expect((await run('show 0@0')).stderr).toContain('no letter at 0@0');
    expect((await run('purge --before 30d --yes')).stderr).toContain('has no letter from before');
  });
});
