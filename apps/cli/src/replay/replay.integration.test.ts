import { randomBytes } from 'node:crypto';
import { type Bridge, brokerEnv, startBridge } from '@kafka-http-proxy/testkit';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { type Captured, runCaptured } from '../testing/captured-host.js';
import { type Executed, type FallingBackend, startFallingBackend, valuesOf, well } from '../testing/falling-backend.js';

const broker = inject('broker');
let backend: FallingBackend;
let bridge: Bridge;

beforeAll(async () => {
  backend = await startFallingBackend();
  bridge = await startBridge({
    broker,
    backendUrl: backend.url,
    topicKeys: { circuit_breaker: false, max_retries: 1, timeout: 20 },
    proxy: { ALLOWED_TOPICS: '*' },
  });
});
afterAll(async () => {
  await bridge?.close();
  await backend?.close();
});
beforeEach(() => {
  backend.answer = well;
});

function dlq(...argv: string[]): Promise<Captured> {
  const environment = {
    ...brokerEnv(broker),
    KAFKA_TOPICS: `x:${bridge.requestTopic},${bridge.responseTopic},${backend.url}`,
    DEAD_LETTER_TOPIC: bridge.deadLetterTopic,
    CONTROL_TOPIC: bridge.controlTopic,
    DEFAULT_REQUEST_TOPIC: bridge.requestTopic,
    DEFAULT_RESPONSE_TOPIC: bridge.responseTopic,
  };
  return runCaptured(['dlq', ...argv], { environment });
}

interface Lined {
  readonly partition: number;
  readonly offset: number;
  readonly n: number;
  readonly state: string;
  readonly status?: number;
  readonly code?: string;
}

const linesOf = ({ stdout }: Captured): Lined[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Lined);

const looked = async (): Promise<{ total: number; ready: number; not_sent: Record<string, number> }> =>
  JSON.parse((await dlq('replay', '--dry-run', '--json')).stdout);

const letters = () => bridge.processor.metric('processor_dead_letters_total');

/** Sends a request by the proxy. @returns the id that its failure tells, or null */
async function send(method: string, path: string, headers: Record<string, string> = {}, body?: Buffer) {
  const response = await fetch(bridge.origin + path, { method, headers, ...(body && { body }) });
  const text = await response.text();
  if (response.ok) return null;
  return (JSON.parse(text) as { correlation_id: string }).correlation_id;
}

/**
 * All that the backend got, but for the seconds that are left, and X-Request-ID: the bridge's own stands behind the
 * client's fields, that of a replay among them (the order of fields of other names says nothing, RFC 9110 §5.3).
 */
const requestOf = ({ method, target, rawHeaders, digest }: Executed) => ({
  method,
  target,
  digest,
  headers: rawHeaders.flatMap((text, i) => {
    const name = text.toLowerCase();
    if (i % 2 === 1 || name === 'x-request-id') return [];
    return [[text, name === 'x-kafka-time-left' ? '' : rawHeaders[i + 1]]];
  }),
});

const requests: [method: string, path: string, headers: Record<string, string>, body?: Buffer][] = [
  ['GET', '/a?read=1', {}],
  ['HEAD', '/a', {}],
  ['PUT', '/a', { 'Content-Type': 'application/octet-stream' }, randomBytes(200_000)],
  ['PUT', '/b', { 'X-Request-ID': 'mine-1' }, Buffer.from('{"b":1}')],
  ['POST', '/c?q=%C3%A4', { 'X-Kafka-Timeout': '5' }, Buffer.from('c')],
  ['POST', '/d', { 'X-Kafka-Key': 'k' }, Buffer.from('d1')],
  ['POST', '/e', { 'X-Kafka-Key': 'k' }, Buffer.from('d2')],
  ['DELETE', '/f', {}],
];

it('sends what is ready, once and as it was, and leaves what is not', async () => {
  for (const [method, path, headers, body] of requests) await send(method, path, headers, body);
  const before = backend.executed.splice(0);
  expect(before).toHaveLength(requests.length);

  await backend.fall();
  const ids = new Map<string, string>();
  for (const [method, path, headers, body] of requests.filter(([method]) => method !== 'HEAD')) {
    ids.set(`${method} ${path}`, (await send(method, path, headers, body)) ?? '');
  }
  await backend.rise();
  // It runs, and nobody hears of it.
  backend.answer = (_, response) => response.destroy();
  await send('POST', '/doubtful', {}, Buffer.from('x'));
  backend.answer = well;
  expect(backend.executed.splice(0).map(({ target }) => target)).toEqual(['/doubtful']);
  await expect.poll(letters).toBe(8);
  expect(await looked()).toMatchObject({ total: 8, ready: 6, not_sent: { read_only: 1, may_have_run: 1 } });

  const run = await dlq('replay', '--yes', '--json');
  expect(run.stderr).toContain('6 of 8 letters will be sent: 6 to ');
  expect(run.code, run.stderr).toBe(0);
  expect(linesOf(run).map(({ state, status, n }) => [state, status, n])).toEqual(Array(6).fill(['answered', 200, 1]));
  const after = backend.executed.splice(0);
  const sorted = (all: Executed[]) => all.map(requestOf).sort(byTarget);
  const wanted = before.filter(({ method }) => method !== 'GET' && method !== 'HEAD');
  expect(sorted(after)).toEqual(sorted(wanted));
  for (const { method, target, rawHeaders } of after) {
    const id = target === '/b' ? 'mine-1' : ids.get(`${method} ${target}`);
    expect(valuesOf(rawHeaders, 'x-request-id'), target).toEqual([id]);
  }

  // It is all settled now.
  expect(await looked()).toMatchObject({
    total: 8,
    ready: 0,
    not_sent: { answered: 6, read_only: 1, may_have_run: 1 },
  });
  const again = await dlq('replay', '--yes');
  expect(again.code, again.stderr).toBe(0);
  expect(backend.executed).toEqual([]);
  expect(await letters()).toBe(8);
});

const byTarget = (a: { target: string }, b: { target: string }) => a.target.localeCompare(b.target);

it('counts up with each replay that fails, and parks what failed three times', async () => {
  await backend.fall();
  const before = await letters();
  for (const path of ['/p1', '/p2']) await send('PUT', path, {}, Buffer.from(path));
  for (const n of [1, 2, 3]) {
    const run = await dlq('replay', '--yes', '--json');
    expect(run.code).toBe(1);
    expect(linesOf(run).map(({ state, code, n }) => [state, code, n])).toEqual(
      Array(2).fill(['failed', 'backend_unreachable', n]),
    );
    await expect.poll(letters).toBe(before + 2 + 2 * n);
  }
  await backend.rise();
  expect(await looked()).toMatchObject({ ready: 0, not_sent: { exhausted: 2, failed: 6 } });
  const parked = await dlq('replay', '--yes', '--json', '--max-replays', '4');
  expect(linesOf(parked).map(({ state, n }) => [state, n])).toEqual(Array(2).fill(['answered', 4]));
  expect(new Set(backend.executed.map(({ target }) => target))).toEqual(new Set(['/p1', '/p2']));
  expect(backend.executed.splice(0)).toHaveLength(2);
});

it('ends after so many failures, and goes on with the rest in another run', async () => {
  await backend.fall();
  for (let i = 0; i < 6; i++) await send('PUT', `/s${i}`, {}, Buffer.from('s'));
  const run = await dlq('replay', '--yes', '--json', '--stop-after', '2', '--concurrency', '1');
  await backend.rise();
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('2 of 6 sent, 2 failed; 4 were not sent; stopped, since too many failed');
  await expect.poll(async () => (await looked()).ready).toBe(6);
  expect((await dlq('replay', '--yes', '--limit', '1')).stderr).toContain('1 of 1 sent');
  expect((await dlq('replay', '--yes')).code).toBe(0);
  expect(backend.executed.splice(0)).toHaveLength(6);
});

it('sends letters of one key one after the other, in their order', async () => {
  await backend.fall();
  for (let i = 0; i < 6; i++) await send('PUT', `/k${i}`, { 'X-Kafka-Key': i % 3 === 0 ? 'a' : 'b' }, Buffer.from('s'));
  await backend.rise();
  backend.answer = (_, response) => void setTimeout(() => response.end(), 30);
  expect((await dlq('replay', '--yes')).code).toBe(0);
  const ran = backend.executed.splice(0);
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

it('reads answers that stream to their end, and counts answers of 500 as failures', async () => {
  await backend.fall();
  for (const path of ['/long', '/bad', '/gone']) await send('PUT', path, {}, Buffer.from('s'));
  await backend.rise();
  backend.answer = ({ target }, response) => {
    if (target === '/long') response.end(randomBytes(3_000_000));
    else response.writeHead(target === '/bad' ? 500 : 410).end();
  };
  const run = await dlq('replay', '--yes', '--json');
  expect(run.code).toBe(1);
  expect(new Set(linesOf(run).map(({ state, status }) => `${state} ${status}`))).toEqual(
    new Set(['answered 200', 'answered 410', 'failed 500']),
  );
  // What the backend failed at is no letter of its own, so it is still this one.
  backend.answer = well;
  expect(linesOf(await dlq('replay', '--yes', '--json')).map(({ state, n }) => [state, n])).toEqual([['answered', 2]]);
  backend.executed.splice(0);
});

it('hands over and waits for nothing where it is told so', async () => {
  await backend.fall();
  await send('PUT', '/w', {}, Buffer.from('w'));
  await backend.rise();
  const run = await dlq('replay', '--yes', '--json', '--no-wait');
  expect(linesOf(run)).toMatchObject([{ state: 'sent', n: 1 }]);
  await expect.poll(() => backend.executed.splice(0).map(({ target }) => target)).toEqual(['/w']);
  expect((await looked()).ready).toBe(0);
});

it('lets one run at a time, and says whose it is', async () => {
  await backend.fall();
  for (let i = 0; i < 4; i++) await send('PUT', `/two${i}`, {}, Buffer.from('s'));
  await backend.rise();
  backend.answer = (_, response) => void setTimeout(() => response.end(), 2000);
  const first = dlq('replay', '--yes', '--concurrency', '1');
  await expect.poll(() => backend.executed.length).toBe(1);
  const second = await dlq('replay', '--yes');
  expect(second.code).toBe(1);
  expect(second.stderr).toMatch(/are being replayed already: run \d{8}-\d{4}-[0-9a-f]{4} of \S+@\S+, since 20/);
  expect((await first).code).toBe(0);
  expect(backend.executed.splice(0)).toHaveLength(4);
});
