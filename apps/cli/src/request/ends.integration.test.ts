import { createProducer } from '@kafka-http-proxy/kafka';
import {
  type Bridge,
  echo,
  freePort,
  type ScriptedBackend,
  startBackend,
  startBridge,
} from '@kafka-http-proxy/testkit';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { runCaptured } from '../testing/captured-host.js';
import { settingsOf, testName } from '../testing/stage.js';

const broker = inject('broker');
let backend: ScriptedBackend;
let bridge: Bridge;
let to: string[];

const flags = [
  ...['-b', broker.bootstrapServers],
  ...Object.entries(broker.properties).flatMap(([name, value]) => ['--property', `${name}=${value}`]),
];
const request = (...args: string[]) => runCaptured(['request', ...flags, ...args]);

beforeAll(async () => {
  backend = await startBackend();
  // The control topic of a command that has no configuration.
  bridge = await startBridge({ broker, backendUrl: backend.url, both: { CONTROL_TOPIC: 'khp-control' } });
  to = ['-t', bridge.requestTopic, '-r', bridge.responseTopic];
});
afterAll(async () => {
  await bridge?.close();
  await backend?.close();
});
beforeEach(() => {
  backend.answer = echo;
});

/** A request topic that nobody reads, with a response topic. */
async function unread(): Promise<string[]> {
  const topic = testName('unread');
  const producer = await createProducer(settingsOf(broker), { messageTimeoutMs: 10_000 });
  for (const name of [topic, `${topic}-replies`]) await producer.partitionsOf(name);
  await producer.close(1000);
  return ['-t', topic, '-r', `${topic}-replies`];
}

it('ends with 0 whatever the status is, and with 22 by --fail', async () => {
  backend.answer = (_request, response) => response.writeHead(503).end('down');
  expect(await request(...to, '/')).toMatchObject({ code: 0, stdout: 'down' });
  expect(await request(...to, '--fail', '/')).toMatchObject({
    code: 22,
    stdout: '',
    stderr: 'The response is 503 Service Unavailable (--fail).\n',
  });
});

it('says on stderr where the request went and what took how long', async () => {
  const { code, stdout, stderr } = await request(...to, '-v', '-d', 'hello', '/');
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'hello' });
  const [sent, reply, times] = stderr.split('\n');
  expect(sent).toMatch(new RegExp(`^\\* request ${bridge.requestTopic}/\\d+@\\d+, id \\S+$`));
  expect(reply).toMatch(new RegExp(`^\\* reply {3}${bridge.responseTopic}/\\d+@\\d+$`));
  expect(times).toMatch(
    /^\* publish [\d.]+ ms, queue [\d.]+ ms, backend [\d.]+ ms, reply [\d.]+ ms, total [\d.]+ (ms|s)$/,
  );
});

it('gives the same as an object', async () => {
  const { code, stdout } = await request(...to, '--json', '/');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    status: 200,
    reason: 'OK',
    reply_bytes: 0,
    request: expect.stringContaining(`${bridge.requestTopic}/`),
    reply: expect.stringContaining(`${bridge.responseTopic}/`),
    publish_ms: expect.any(Number),
    backend_ms: expect.any(Number),
    total_ms: expect.any(Number),
  });
});

it('ends with 28 where no reply comes in time, and says that no processor reads the topic', async () => {
  const { code, stdout, stderr } = await request(...(await unread()), '-m', '0.5', '-i', '/');
  expect(code).toBe(28);
  expect(stdout).toMatch(/^HTTP\/1.1 504 Gateway Timeout\r\n/);
  expect(stderr).toMatch(/^No reply arrived in 0.5 s\./);
  expect(stderr).toMatch(
    /\nNo processor reads this topic: group processor-unread-\w+ has never committed an offset of/,
  );
});

it('tells a slow backend from a topic that nobody reads', async () => {
  const answered = new Promise<void>((resolve) => {
    backend.answer = (_request, response) => void response.once('close', resolve);
  });
  const { code, stderr } = await request(...to, '-m', '1', '/');
  expect(code).toBe(28);
  expect(stderr).toBe('A processor took the request up, and its backend did not answer in time.\n');
  await answered;
});

it('ends with 28 where a response is not over in time', async () => {
  backend.answer = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: 1\n\n');
  };
  const { code, stdout, stderr } = await request(...to, '-m', '1', '/');
  expect({ code, stdout, stderr }).toEqual({
    code: 28,
    stdout: 'data: 1\n\n',
    stderr: 'The response was not over in 1 s (--max-time).\n',
  });
});

it('ends with 18 where a response breaks off', async () => {
  backend.answer = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: 1\n\n', () => response.destroy());
  };
  const { code, stdout, stderr } = await request(...to, '/');
  expect({ code, stdout }).toEqual({ code: 18, stdout: 'data: 1\n\n' });
  expect(stderr).toMatch(/^The response broke off after 9 bytes of body/);
});

it('ends with 130 at Ctrl-C, and the backend hears that nobody waits', async () => {
  const stopping = new AbortController();
  const closed = new Promise<void>((resolve) => {
    backend.answer = (_request, response) => {
      response.once('close', resolve);
      stopping.abort();
    };
  });
  const { code } = await runCaptured(['request', ...flags, ...to, '/'], { signal: stopping.signal });
  expect(code).toBe(130);
  await closed;
});

it('ends with 7 where Kafka is not', async () => {
  const nowhere = `127.0.0.1:${await freePort()}`;
  const { code, stderr } = await runCaptured(['request', '-b', nowhere, '-t', 'orders', '/']);
  expect(code).toBe(7);
  expect(stderr).toContain(`Kafka can't be reached at ${nowhere}`);
});

it('ends with 1 where a topic is not, and creates none', async () => {
  const topic = testName('missing');
  for (let i = 0; i < 2; i++) {
    const { code, stderr } = await request('-t', topic, '-r', bridge.responseTopic, '/');
    expect(code).toBe(1);
    expect(stderr).toContain(`Kafka has no topic ${topic}`);
  }
});

it.each([
  ['no topic', ['/'], 'Which topic?'],
  ['no target', ['-t', 'orders'], "missing required argument 'target'"],
  ['a target that is none', ['-t', 'orders', 'orders/1'], '<target>: a path such as /orders'],
  ['a field that is none', ['-t', 'orders', '-H', 'nonsense', '/'], '-H: "Name: value" was expected'],
  ['a file that is not there', ['-t', 'orders', '-d', '@/not/there', '/'], '"/not/there" can\'t be read'],
  ['a time that is none', ['-t', 'orders', '-m', 'soon', '/'], 'seconds above 0'],
])('ends with 2 for %s', async (_what, args, sentence) => {
  const { code, stderr } = await request(...args);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(sentence) });
});

it('sends a number of requests, some at once, and prints times and statuses', async () => {
  let n = 0;
  backend.answer = (_request, response) => response.writeHead(n++ % 4 === 0 ? 500 : 200).end('body');
  const { code, stdout } = await request(...to, '-n', '20', '--concurrency', '5', '/');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^20 requests in [\d.]+ s, [\d.]+\/s\n200: 15\n500: 5\nmin [\d.]+ ms, avg [\d.]+ ms, p95 [\d.]+ ms, max [\d.]+ m?s\n$/,
  );
  const failed = await request(...to, '-n', '4', '--fail', '--json', '/');
  expect(failed.code).toBe(22);
  expect(JSON.parse(failed.stdout)).toMatchObject({
    requests: 4,
    statuses: { 200: 3, 500: 1 },
    answered: 4,
    p95_ms: expect.any(Number),
  });
});

it('never lets a response act on a terminal, and refuses a binary one there', async () => {
  backend.answer = (_request, response) => response.writeHead(200, { 'X-Bad': '\x9b1m' }).end('a\x1b[31mb\nc');
  const text = await runCaptured(['request', ...flags, ...to, '-i', '/'], { terminal: true });
  expect(text.stdout).toContain('X-Bad: \ufffd1m\n');
  expect(text.stdout).toMatch(/\n\na\\x1b\[31mb\nc$/);
  backend.answer = (_request, response) => response.end(Buffer.from([1, 0, 2]));
  const binary = await runCaptured(['request', ...flags, ...to, '/'], { terminal: true });
  expect(binary).toMatchObject({ code: 23, stdout: '' });
  expect(binary.stderr).toContain('The body is binary');
  const forced = await runCaptured(['request', ...flags, ...to, '-o', '-', '/'], { terminal: true });
  expect(forced).toMatchObject({ code: 0, bytes: Buffer.from([1, 0, 2]) });
});
