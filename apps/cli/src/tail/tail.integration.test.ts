import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { brokerFlags } from '../testing/broker-flags.js';
import { type Captured, type CapturedOptions, runCaptured } from '../testing/captured-host.js';
import { replyRecord, requestRecord } from '../testing/envelopes.js';
import { openTopicWriter, type TopicWriter } from '../testing/topic-writer.js';
// The action imports it: here, so that the first test does not wait until it is compiled.
import './run-tail.js';

const broker = inject('broker');
const ESC = '\u001b[31m\u009b2J';
let writer: TopicWriter;

beforeAll(async () => {
  writer = await openTopicWriter(broker);
});
afterAll(() => writer.close());

async function newTopic(about: string): Promise<string> {
  const topic = `${about}-${randomBytes(4).toString('hex')}`;
  await writer.open(topic);
  return topic;
}

const tail = (argv: readonly string[], options?: CapturedOptions): Promise<Captured> =>
  runCaptured(['tail', ...argv, ...brokerFlags(broker)], options);
const objects = (stdout: string) =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const targets = (stdout: string) => objects(stdout).map(({ target }) => target);

describe('the last records', () => {
  let topic: string;
  beforeAll(async () => {
    topic = await newTopic('tail-last');
    for (let n = 0; n < 30; n++) {
      const record = requestRecord({ correlationId: `id-${n}`, target: `/t/${n}`, method: n % 2 ? 'GET' : 'POST' });
      await writer.write({ topic, partition: n % 3, ...record });
      // Records of one millisecond have the order of their partitions.
      for (const nowMs = Date.now(); Date.now() === nowMs; ) await new Promise(setImmediate);
    }
  });

  it('are twenty over all partitions, by time', async () => {
    const { code, stdout, stderr } = await tail([topic, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(targets(stdout)).toEqual(Array.from({ length: 20 }, (_, i) => `/t/${i + 10}`));
    expect(objects(stdout)[19]).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      topic,
      partition: 2,
      offset: 9,
      kind: 'request',
      id: 'id-29',
      method: 'GET',
      target: '/t/29',
      client: '10.0.0.7',
      bytes: 7,
    });
  });

  it('are those that are looked for, however far back', async () => {
    expect(targets((await tail([topic, '-n', '2', '--path', '/t/{1,2,3}', '--json'])).stdout)).toEqual([
      '/t/2',
      '/t/3',
    ]);
    expect(targets((await tail([topic, '-n', '3', '--method', 'get', '--json'])).stdout)).toEqual([
      '/t/25',
      '/t/27',
      '/t/29',
    ]);
    expect((await tail([topic, '--status', '5xx', '--json'])).stdout).toBe('');
  });

  it('begin and end where it is said, in each partition', async () => {
    const ids = async (...argv: string[]) => targets((await tail([topic, '--json', ...argv])).stdout);
    expect(await ids('--since', 'start')).toHaveLength(30);
    expect(await ids('--since', '-1')).toEqual(['/t/27', '/t/28', '/t/29']);
    expect(await ids('--since', '+9')).toEqual(['/t/27', '/t/28', '/t/29']);
    expect(await ids('--since', '1', '--until', '2')).toEqual(['/t/3', '/t/4', '/t/5']);
    expect(await ids('--since', 'start', '-n', '1')).toEqual(['/t/29']);
    expect(await ids('--since', 'end')).toEqual([]);
  });

  it.runIf(broker.kind === 'kafka')('begin and end at times', async () => {
    const all = objects((await tail([topic, '--since', 'start', '--json'])).stdout);
    const at = (n: number) => String(Date.parse(String(all[n]?.time)));
    const { stdout } = await tail([topic, '--json', '--since', `@${at(5)}:${at(9)}`]);
    const expected = all.filter(({ time }) => Date.parse(String(time)) >= +at(5) && Date.parse(String(time)) < +at(9));
    expect(objects(stdout)).toEqual(expected);
    expect(targets((await tail([topic, '--json', '--since', '1h'])).stdout)).toHaveLength(30);
    expect(targets((await tail([topic, '--json', '--since', '@:-1hr'])).stdout)).toEqual([]);
  });

  it('are in columns on a terminal, and tab-separated in a pipe', async () => {
    const piped = await tail([topic, '-n', '1']);
    expect(piped.stdout.trimEnd().split('\t').slice(1)).toEqual([`${topic}/2@9`, 'request', 'GET /t/29', 'id-29', '7']);
    const shown = await tail([topic, '-n', '1'], { terminal: true, columns: 160, environment: { NO_COLOR: '1' } });
    expect(shown.stdout).toMatch(/Z {2}tail-last-\w+\/2@9 +request +GET \/t\/29 +id-29 +7\n$/);
  });
});

it('prints whatever strangers wrote so that no terminal obeys it', async () => {
  const topic = await newTopic('tail-esc');
  const target = `/${Buffer.from(ESC).toString('latin1')}`;
  const headers = ['X-Evil', '\u009b2J', 'Content-Type', 'text/plain'];
  // The encoder would refuse such a target; a stranger has one of his own.
  const khp = JSON.stringify({ v: 2, method: 'GET', target: '/\u009b2J', headers, client: ESC });
  await writer.write({ topic, value: Buffer.from(ESC), headers: [{ correlation_id: 'evil' }, { khp }] });
  await writer.write({
    topic,
    value: null,
    headers: [{ correlation_id: 'evil' }, { khp: JSON.stringify({ v: ESC }) }],
  });
  await writer.write({ topic, ...requestRecord({ target: encodeURI(target) }) });
  for (const argv of [[], ['--json']]) {
    const all = [topic, '-i', '--bodies', 'full', ...argv];
    const { stdout, stderr } = await tail(all, { terminal: true, environment: { NO_COLOR: '1' } });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(stdout).toContain('9b2J');
    expect(stderr).toMatch(new RegExp(`${topic}/0@1 can't be read: version`));
  }
});

it('notes what can not be read, unless it is to be quiet', async () => {
  const topic = await newTopic('tail-odd');
  await writer.write({ topic, value: Buffer.from('x'), headers: [] });
  await writer.write({ topic, value: null, headers: [{ correlation_id: 'a' }, { khp: '{"v":2,"method":"A B"}' }] });
  await writer.write({ topic, ...requestRecord() });
  const loud = await tail([topic]);
  expect(loud.code).toBe(0);
  expect(loud.stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(loud.stderr.trimEnd().split('\n')).toEqual([
    expect.stringContaining(`${topic}/0@0 can't be read: `),
    `${topic}/0@1 can't be read: "method" must be an HTTP token, and not CONNECT`,
  ]);
  expect((await tail([topic, '-q'])).stderr).toBe('');
  // Whoever looks for something has not lost these.
  expect((await tail([topic, '--method', 'POST'])).stderr).toBe('');
});

it('leaves out canaries, unless all is asked for', async () => {
  const topic = await newTopic('tail-canary');
  const headers = [{ correlation_id: 'canary-1' }, { khp: '{"v":2,"canary":true}' }];
  await writer.write({ topic, value: Buffer.from('{}'), headers });
  await writer.write({ topic, ...replyRecord() });
  expect(objects((await tail([topic, '--json'])).stdout).map(({ kind }) => kind)).toEqual(['reply']);
  expect(objects((await tail([topic, '--json', '--all'])).stdout).map(({ kind }) => kind)).toEqual(['canary', 'reply']);
});

it('shows fields without secrets, and bodies by their type', async () => {
  const topic = await newTopic('tail-body');
  const headers = ['Content-Type', 'application/json', 'Content-Encoding', 'gzip', 'Set-Cookie', 'a=b', 'X-Token', 't'];
  await writer.write({ topic, ...replyRecord({ headers, body: gzipSync('{"a":[1]}') }) });
  const { stdout } = await tail([topic, '-i', '--bodies', 'full', '--mask', 'x-*']);
  expect(stdout.split('\n').slice(1)).toEqual([
    ...[
      '  Content-Type: application/json',
      '  Content-Encoding: gzip',
      '  Set-Cookie: ***(3)',
      '  X-Token: ***(1)',
      '',
    ],
    ...['  {', '    "a": [', '      1', '    ]', '  }', '  (gzip undone, 9 bytes)', ''],
  ]);
  const [object] = objects((await tail([topic, '-i', '--bodies', 'full', '--show-secrets', '--json'])).stdout);
  expect(object).toMatchObject({
    headers: [headers.slice(0, 2), headers.slice(2, 4), headers.slice(4, 6), headers.slice(6)],
    body_kind: 'json',
    body: '{\n  "a": [\n    1\n  ]\n}',
    body_notes: ['gzip undone, 9 bytes'],
  });
});

it('follows what comes until it is interrupted', async () => {
  const topic = await newTopic('tail-follow');
  await writer.write({ topic, ...requestRecord({ target: '/before' }) });
  const stopping = new AbortController();
  let stdout = '';
  const told = (text: string): void => {
    stdout = text;
    if (stdout.includes('/after/2')) stopping.abort();
    else if (stdout.includes('/before') && !stdout.includes('/after')) void writeOn();
  };
  let written = false;
  const writeOn = async () => {
    if (written) return;
    written = true;
    await writer.write({ topic, partition: 1, ...requestRecord({ target: '/after/1' }) });
    await writer.write({ topic, partition: 1, ...requestRecord({ target: '/after/2' }) });
  };
  const { code } = await tail([topic, '-f', '--json'], { signal: stopping.signal, onOutput: told });
  expect(code).toBe(130);
  expect(targets(stdout)).toEqual(['/before', '/after/1', '/after/2']);
});

it('says which topic there is not, and what can not be meant', async () => {
  const missing = await tail(['no-such-topic']);
  expect(missing).toMatchObject({ code: 1, stdout: '' });
  expect(missing.stderr).toContain('Kafka has no topic no-such-topic');
  expect(await tail(['no-such-*'])).toMatchObject({ code: 1 });
  expect(await tail(['x', '--since', 'yesterday'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^--since: .* was expected, "yesterday" was found\n$/),
  });
  expect(await tail(['x', '--status', 'many'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--status') });
  expect(await tail(['x', '-f', '--until', 'end'])).toMatchObject({ code: 2 });
  expect(await tail(['x', '-n', 'few'])).toMatchObject({ code: 2, stderr: expect.stringContaining('"few"') });
  expect(await tail([])).toMatchObject({ code: 2, stderr: expect.stringContaining('which topics?') });
});
