import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  type Answer,
  type Bridge,
  echo,
  hasProgram,
  type ScriptedBackend,
  startBackend,
  startBridge,
} from '@kafka-http-proxy/testkit';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { runCaptured } from '../testing/captured-host.js';

const broker = inject('broker');
const test = it.runIf(hasProgram('curl') || broker.kind === 'kafka');
let backend: ScriptedBackend;
let bridge: Bridge;
let dir: string;
/** The same proxy as that of the bridge, for a command. */
let config: string;

beforeAll(async () => {
  backend = await startBackend();
  bridge = await startBridge({ broker, backendUrl: backend.url });
  dir = await mkdtemp(join(tmpdir(), 'khp-request-'));
  config = join(dir, 'proxy.json');
  const { requestTopic, responseTopic, controlTopic, deadLetterTopic } = bridge;
  await writeFile(
    config,
    JSON.stringify({
      kafka: { bootstrap_servers: broker.bootstrapServers, properties: broker.properties },
      routes: [
        { path: '/routed', request_topic: requestTopic, response_topic: responseTopic, timeout: 20 },
        { path: '/elsewhere', request_topic: 'not-there', response_topic: 'not-there-either' },
      ],
      default_request_topic: requestTopic,
      default_response_topic: responseTopic,
      control_topic: controlTopic,
      dead_letter_topic: deadLetterTopic,
      ...(broker.kind === 'embedded' && { stream_window: 1_048_576 }),
    }),
  );
});
afterAll(async () => {
  await bridge?.close();
  await backend?.close();
  await rm(dir, { recursive: true });
});
beforeEach(() => {
  backend.answer = echo;
  backend.received.length = 0;
});

const SAME = ['-H', 'User-Agent: test', '-H', 'Host: shop.example'];

/** What curl prints of a request through the proxy. */
async function curl(target: string, args: readonly string[]) {
  // Expect makes an interim response of curl's own asking; the command does not ask.
  const all = ['-s', '--path-as-is', '-H', 'Expect:', ...SAME, ...args, `${bridge.origin}${target}`];
  const child = spawn('curl', all, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { bytes: await buffer(child.stdout), code: await exited };
}

/** What the command prints of the same one. */
async function command(target: string, args: readonly string[]) {
  return await runCaptured(['request', '-c', config, ...SAME, ...args, target]);
}

const DATED = ['Date', 'Sat, 28 Nov 2026 12:00:00 GMT'];
const RANDOM = randomBytes(900_000);
const answers: Record<string, Answer> = {
  whole(_request, response) {
    response.writeHead(200, 'Very fine \xe9', [
      ...DATED,
      'set-cookie',
      'a=1',
      'X-\u0042',
      '\xe9\xff',
      'Set-Cookie',
      'b=2',
    ]);
    response.end('ok\n');
  },
  random(_request, response) {
    response.writeHead(200, [...DATED, 'Content-Length', String(RANDOM.length)]);
    response.end(RANDOM);
  },
  events(_request, response) {
    response.writeHead(200, [...DATED, 'Content-Type', 'text/event-stream']);
    for (let i = 0; i < 50; i++) response.write(`data: ${i}\n\n`);
    response.end();
  },
  empty(_request, response) {
    response.writeHead(204, DATED).end();
  },
  gone(_request, response) {
    response.writeHead(410, [...DATED, 'Content-Length', '4']).end('gone');
  },
  trailers(_request, response) {
    response.writeHead(200, [...DATED, 'Trailer', 'X-Sum', 'Transfer-Encoding', 'chunked']);
    response.write('summed');
    response.addTrailers({ 'X-Sum': '42' });
    response.end();
  },
  head(_request, response) {
    response.writeHead(200, [...DATED, 'Content-Length', '1234']).end();
  },
};

/** What was printed, a character a byte; the id is each request's own. */
const withoutId = (bytes: Buffer) => bytes.toString('latin1').replace(/^(X-Request-ID: )\S+/im, '$1…');

test.each<[string, keyof typeof answers, string, string[]]>([
  ['a head with repeats, case and bytes as they were', 'whole', '/a//b/../c%2F?x=1&x', ['-i']],
  ['a body alone', 'whole', '/', []],
  ['900 KB of random bytes', 'random', '/', ['-i']],
  ['events', 'events', '/', ['-i']],
  ['204', 'empty', '/', ['-i']],
  ['410', 'gone', '/', ['-i']],
  ['410 with --fail', 'gone', '/', ['-i', '--fail']],
  ['410 with --fail alone', 'gone', '/', ['--fail']],
  ['trailers', 'trailers', '/', ['-i']],
  ['trailers without heads', 'trailers', '/', []],
  ['HEAD', 'head', '/', ['-I']],
])('prints what curl prints through the proxy: %s', async (_what, answer, target, args) => {
  backend.answer = answers[answer] as Answer;
  const expected = await curl(target, args);
  const found = await command(target, args);
  expect(withoutId(found.bytes)).toBe(withoutId(expected.bytes));
  expect(found.code).toBe(expected.code);
});

test.each<[string, string[]]>([
  ['a form', ['-d', 'a=1', '-d', 'b=ü']],
  ['no body', ['-X', 'DELETE']],
  ['a POST without a body', ['-X', 'POST']],
  ['an empty body', ['-d', '']],
  ['a method of its own', ['-X', 'PURGE']],
  ['a type of its own', ['-d', '{"a":1}', '-H', 'Content-Type: application/json']],
  [
    'fields that repeat, are empty and are taken away',
    ['-H', 'A: 1', '-H', 'B;', '-H', 'A: 2 ', '-H', 'Accept:', '-H', 'C: ü'],
  ],
  ['a key and a time of its own', ['-H', 'X-Kafka-Key: k', '-H', 'X-Kafka-Timeout: 20']],
])('sends what curl sends through the proxy: %s', async (_what, args) => {
  await curl('/routed/x?y', args);
  await command('/routed/x?y', args);
  const [expected, found] = backend.received.map(({ method, target, rawHeaders, body }) => ({
    method,
    target,
    headers: rawHeaders.flatMap((name, i) =>
      i % 2 || PER_REQUEST.test(name) ? [] : [`${name}: ${rawHeaders[i + 1]}`],
    ),
    body: body.toString('latin1'),
  }));
  expect(found).toEqual(expected);
});

/** Of one request, or of its client's address: a private proxy has none. */
const PER_REQUEST = /^(x-request-id|x-forwarded-for|x-kafka-time-left|via)$/i;

test('sends files as curl does: with and without their line ends, and 20 MB', async () => {
  const small = join(dir, 'small');
  await writeFile(small, 'one\r\ntwo\nthree');
  const large = join(dir, 'large');
  const bytes = randomBytes(20_000_000);
  await writeFile(large, bytes);
  for (const args of [
    ['-d', `@${small}`],
    ['--data-binary', `@${small}`],
    ['-d', 'x', '--data-binary', `@${small}`],
  ]) {
    await curl('/', args);
    await command('/', args);
    const [expected, found] = backend.received.splice(0);
    expect(found?.body.toString('latin1')).toBe(expected?.body.toString('latin1'));
  }
  const saved = join(dir, 'saved');
  const { code } = await command('/', ['-X', 'PUT', '--data-binary', `@${large}`, '-o', saved]);
  expect(code).toBe(0);
  expect(backend.received[0]?.body.equals(bytes)).toBe(true);
  expect((await readFile(saved)).equals(bytes)).toBe(true);
});

test('prints events as they come', async () => {
  let goOn: () => void = () => undefined;
  backend.answer = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: first\n\n');
    goOn = () => response.end('data: last\n\n');
  };
  const { stdout, code } = await runCaptured(['request', '-c', config, '/'], {
    onOutput: (text) => text.includes('first') && goOn(),
  });
  expect({ stdout, code }).toEqual({ stdout: 'data: first\n\ndata: last\n\n', code: 0 });
});

test('says that no route leads anywhere, as the proxy does', async () => {
  const args = ['-H', 'X-Kafka-Topic: _internal', '-i'];
  const dateless = (bytes: Buffer) =>
    withoutId(bytes)
      .replace(/^Date: .*$/m, '')
      .replace(/"correlation_id":"[^"]*"/, '');
  expect(dateless((await command('/', args)).bytes)).toBe(dateless((await curl('/', args)).bytes));
});
