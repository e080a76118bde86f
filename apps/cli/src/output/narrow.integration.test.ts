import { beforeAll, describe, expect, inject, it } from 'vitest';
import { runCaptured } from '../testing/captured-host.js';
import { brokerWords, letterOf, writeRecords } from '../testing/dead-letters.js';
import { replyRecord, requestRecord } from '../testing/envelopes.js';
import { configFile, testName } from '../testing/stage.js';
import { openTopicWriter } from '../testing/topic-writer.js';

const broker = inject('broker');
const letters = testName('failed-requests');
const requests = testName('orders-requests');
const replies = testName('orders-responses');
const target = `/customers/7/orders/2026/02/14/${'items/'.repeat(20)}?page=1`;

beforeAll(async () => {
  await writeRecords(broker, [
    letterOf(letters, { target }, { code: 'backend_unreachable', topic: requests }),
    letterOf(letters, { method: 'PROPPATCH', target: '/a' }, { code: 'reply_too_large', sent: 'yes', topic: requests }),
  ]);
  const writer = await openTopicWriter(broker);
  try {
    for (const topic of [requests, replies]) await writer.open(topic);
    const reply = { topic: replies, partition: 0 };
    await writer.write({ topic: requests, ...requestRecord({ target, reply }) });
    await writer.write({ topic: replies, ...replyRecord({ status: 502, error: 'backend_unreachable' }) });
  } finally {
    await writer.close();
  }
});

describe.each([80, 100])('at a terminal of %d columns', (columns) => {
  const run = (...words: string[]) =>
    runCaptured([...words, ...brokerWords(broker)], { terminal: true, columns, environment: { NO_COLOR: '1' } });
  const widest = (stdout: string) => Math.max(...stdout.split('\n').map((line) => line.length));

  it.each(['dlq', 'dlq list'])('%s fits, with code and verdict whole', async (words) => {
    const { code, stdout, stderr } = await run(...words.split(' '), '--dead-letter-topic', letters);
    expect(code).toBe(0);
    expect(widest(stdout), stdout).toBeLessThanOrEqual(columns);
    expect(stdout).toMatch(/backend_unreachable .*ready/);
    expect(stdout).toMatch(/reply_too_large .*may_have_run/);
    if (columns === 80) expect(stderr).toMatch(/^no room for: .*; a wider window or --json has them$/m);
  });

  it.each([[[requests, replies]], [[requests, replies, '--pair']]])('tail %j fits', async (words) => {
    const { code, stdout, stderr } = await run('tail', ...words);
    expect(code).toBe(0);
    expect(widest(stdout), stdout).toBeLessThanOrEqual(columns);
    expect(stdout).toContain('/customers/');
    expect(stdout).toMatch(/502 backend_un/);
    // Said once, not a line.
    expect(stderr.match(/no room for/g)).toHaveLength(1);
  });

  it('lag and topics list fit', async () => {
    const lag = await run('lag', requests);
    expect(lag.code).toBe(0);
    expect(widest(lag.stdout), lag.stdout).toBeLessThanOrEqual(columns);
    const config = await configFile('processor.json', {
      kafka: { bootstrap_servers: broker.bootstrapServers, properties: broker.properties },
      dead_letter_topic: letters,
      topics: [{ request_topic: requests, backend_url: 'http://127.0.0.1:9' }],
    });
    const list = await runCaptured(['topics', 'list', '-c', config], { terminal: true, columns });
    expect(list.stderr).not.toContain('expected');
    expect(list.stdout).toContain('dead letters');
    expect(widest(list.stdout.replaceAll(/\p{Cc}\[\d+m/gu, '')), list.stdout).toBeLessThanOrEqual(columns);
  });
});

it('is whole in a pipe, tab by tab', async () => {
  const { stdout } = await runCaptured(['dlq', 'list', '--dead-letter-topic', letters, ...brokerWords(broker)]);
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t')),
  ).toEqual([
    expect.arrayContaining(['0@0', requests, 'POST', 'backend_unreachable', 'ready']),
    expect.arrayContaining(['0@1', requests, 'PROPPATCH', 'reply_too_large', 'may_have_run']),
  ]);
  expect(stdout).not.toMatch(/^.*\t{2}/m);
});
