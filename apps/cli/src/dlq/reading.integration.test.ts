import { randomBytes } from 'node:crypto';
import { type Bridge, freePort, startBridge } from '@kafka-http-proxy/testkit';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { runCaptured } from '../testing/captured-host.js';
import { brokerWords, letterOf, writeRecords } from '../testing/dead-letters.js';

const broker = inject('broker');
const named = () => `failed-${randomBytes(4).toString('hex')}`;

interface Group {
  readonly code: string;
  readonly method?: string;
  readonly verdict: string;
  readonly count: number;
}

const objects = <T>(stdout: string): T[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);

describe('dlq, of a load that failed', () => {
  let bridge: Bridge;
  beforeAll(async () => {
    // Nobody listens there: refused until the breaker opens, and by the breaker from then on.
    const backendUrl = `http://127.0.0.1:${await freePort()}`;
    bridge = await startBridge({ broker, backendUrl, topicExtras: ',5,1' });
    const ask = (method: string, headers: Record<string, string> = {}) =>
      fetch(`${bridge.origin}/orders`, { method, headers, ...(method !== 'GET' && { body: '{}' }) });
    for (let i = 0; i < 6; i++) {
      await Promise.all([ask('GET'), ask('POST'), ask('PUT'), ask('POST', { 'Idempotency-Key': `k${i}` })]);
    }
    const poison = {
      topic: bridge.requestTopic,
      partition: 0,
      key: null,
      value: Buffer.from('\u001b[31mx'),
      headers: [],
    };
    await writeRecords(broker, [poison]);
    const written = () => bridge.processor.metric('processor_dead_letters_total', {});
    await vi.waitFor(async () => expect(await written()).toBe(25), 30_000);
  });
  afterAll(() => bridge?.close());

  it('counts as the processor does, code by code', async () => {
    const flags = [...brokerWords(broker), '--dead-letter-topic', bridge.deadLetterTopic, '--json'];
    const { code, stdout } = await runCaptured(['dlq', ...flags]);
    expect(code).toBe(0);
    const groups = objects<Group>(stdout);
    const counted = (of: string) => groups.filter((one) => one.code === of).reduce((sum, { count }) => sum + count, 0);
    for (const one of ['backend_unreachable', 'backend_unhealthy', 'bad_request']) {
      expect(counted(one), one).toBe(await bridge.processor.metric('processor_dead_letters_total', { code: one }));
    }
    expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(25);
    const verdicts = (method?: string) =>
      new Set(groups.filter((one) => one.method === method).map((one) => one.verdict));
    expect(verdicts('GET')).toEqual(new Set(['read_only']));
    expect(verdicts(undefined)).toEqual(new Set(['unreadable']));
    expect([...verdicts('POST')]).toContain('ready');
    const whole = await runCaptured(['dlq', ...flags, '--fail-above', '24']);
    expect(whole.code).toBe(1);
    expect((await runCaptured(['dlq', ...flags, '--fail-above', '25'])).code).toBe(0);
  });

  it('takes the topic from the configuration of the environment', async () => {
    const environment = {
      KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers,
      KAFKA_PROPERTIES: JSON.stringify(broker.properties),
      DEAD_LETTER_TOPIC: bridge.deadLetterTopic,
    };
    const { code, stdout } = await runCaptured(['dlq', 'list', '--method', 'PUT', '--json'], { environment });
    expect(code).toBe(0);
    expect(objects(stdout)).toHaveLength(6);
  });
});

describe('dlq, of letters that are hostile', () => {
  const topic = named();
  const flags = [...brokerWords(broker), '--dead-letter-topic', topic];
  const ESC = '\u001b]0;owned\u0007';
  const CONTROL = /(?!\n)\p{Cc}/u;
  beforeAll(() =>
    writeRecords(broker, [
      letterOf(topic),
      letterOf(topic, { target: '/a\u009b31m', headers: ['Host', 'shop', 'X-A', '\u009b2J'], body: Buffer.from(ESC) }),
      letterOf(topic, {}, { message: `${ESC}\n  mark     answered`, group: ESC }, { key: Buffer.from(ESC) }),
      { topic, partition: 0, key: null, value: Buffer.from([0, 1, 27, 255]), headers: [{ [`x${ESC}`]: ESC }] },
      letterOf(topic, {}, {}, { headers: [{ 'x-big': Buffer.alloc(900_000, 0x1b) }, { 'khp-error': '{' }] }),
      letterOf(topic, { correlationId: 'AAAAAAAA-second.0123456789abcdef' }, { truncated: true }),
    ]),
  );

  it.each([['dlq'], ['dlq list --all'], ...[0, 1, 2, 3, 4, 5].map((offset) => [`dlq show 0@${offset} --bodies full`])])(
    'prints no control character on a terminal: %s',
    async (words) => {
      const { code, stdout, stderr } = await runCaptured([...words.split(' '), ...flags], {
        terminal: true,
        environment: { NO_COLOR: '1' },
      });
      expect(code).toBe(0);
      expect(stdout).not.toMatch(CONTROL);
      // The bar moves the cursor; what it says is ours.
      expect(stderr).not.toContain('owned');
      expect(stdout.length).toBeLessThan(20_000);
    },
  );

  it('shows a letter: why it failed, its request, its body by its type; no secret', async () => {
    const { stdout } = await runCaptured(['dlq', 'show', `${topic}/0@0`, ...flags]);
    expect(stdout).toContain(`${topic}/0@0  ready`);
    expect(stdout).toContain('backend_unreachable: The backend refused the connection.');
    expect(stdout).toContain('the backend has not seen it');
    expect(stdout).toContain('POST /orders/7?x=1 HTTP/1.1\nHost: shop\n');
    expect(stdout).toContain('Authorization: ***(13)');
    expect(stdout).toContain('{\n  "amount": 12\n}');
    expect(stdout).not.toContain('0123456789abcdef');
    const open = await runCaptured(['dlq', 'show', '0@0', ...flags, '--show-secrets', '--json']);
    expect(objects<{ headers: string[][] }>(open.stdout)[0]?.headers).toContainEqual([
      'Authorization',
      'Bearer secret',
    ]);
  });

  it('lets nobody write a line that looks like ours', async () => {
    const { stdout } = await runCaptured(['dlq', 'show', '0@2', ...flags]);
    expect(stdout).toContain('\\x0a  mark     answered');
    expect(stdout).not.toMatch(/^ {2}mark/m);
  });

  it('finds a letter by its id, and says so where it is not there', async () => {
    const found = await runCaptured(['dlq', 'show', 'AAAAAAAA-sec', ...flags]);
    expect(found.stdout).toContain(`${topic}/0@5  truncated`);
    const none = await runCaptured(['dlq', 'show', 'BBBBBBBB', ...flags]);
    expect(none).toMatchObject({ code: 1, stderr: `${topic} has no letter of id "BBBBBBBB"\n` });
    expect((await runCaptured(['dlq', 'show', '0@99', ...flags])).stderr).toContain('no letter at 0@99');
    expect((await runCaptured(['dlq', 'show', 'other/0@1', ...flags])).code).toBe(2);
  });

  it.each([
    [
      ['--since', '5m'],
      ['0@0', '0@1', '0@2', '0@3', '0@4', '0@5'],
    ],
    [['--until', '5m'], []],
    [['--since', '@-1h:-5m'], []],
    [
      ['--since', '-2'],
      ['0@4', '0@5'],
    ],
    [
      ['--since', '+1', '--until', '3'],
      ['0@1', '0@2'],
    ],
    [['--since', '@2026-02-14', '--until', '1'], ['0@0']],
  ])('lists what failed in a time, as tail has it: %j', async (times, places) => {
    const { code, stdout } = await runCaptured(['dlq', ...times, 'list', '--all', ...flags]);
    const lines = stdout.split('\n').filter(Boolean);
    expect(lines.map((line) => line.split('\t')[0])).toEqual(places);
    expect(code).toBe(0);
  });

  it('refuses a time that is none, and says of one without a zone what it takes it for', async () => {
    const wrong = await runCaptured(['dlq', 'list', ...flags, '--since', 'yesterday']);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/^--since: .*"yesterday" was found\n$/) });
    const { stderr } = await runCaptured(['dlq', 'list', ...flags, '--since', '@2026-02-14']);
    expect(stderr).toContain('a time without a zone is UTC: 2026-02-14T00:00:00.000Z');
  });

  it('lists by filter, as many as were asked for, tab-separated in a pipe', async () => {
    const { stdout, stderr } = await runCaptured(['dlq', 'list', ...flags, '--path', '/orders/*', '--limit', '2']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split('\t')[0])).toEqual(['0@2', '0@5']);
    expect(stderr).toContain('1 older ones are not shown');
  });
});

it('ends with 130 where it is interrupted', async () => {
  const topic = named();
  await writeRecords(broker, [letterOf(topic)]);
  const words = [...brokerWords(broker), '--dead-letter-topic', topic];
  for (const word of ['list', 'runs', 'export']) {
    expect((await runCaptured(['dlq', word, ...words], { signal: AbortSignal.abort() })).code).toBe(130);
  }
});

it('says what is missing, with what to type', async () => {
  const words = brokerWords(broker);
  const missing = await runCaptured(['dlq', ...words]);
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('--dead-letter-topic') });
  const unknown = await runCaptured(['dlq', 'list', ...words, '--dead-letter-topic', named()]);
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no topic') });
  expect((await runCaptured(['dlq', 'lst', ...words])).code).toBe(2);
  const help = await runCaptured(['dlq', 'list', '--help']);
  expect(help.stdout).toContain('Exit codes:');
});
