import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type Bridge, type ScriptedBackend, startBackend, startBridge } from '@kafka-http-proxy/testkit';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { brokerFlags } from '../testing/broker-flags.js';
import { type CapturedOptions, runCaptured } from '../testing/captured-host.js';

/** What a client and the backend saw of a request. */
interface Seen {
  readonly method: string;
  readonly target: string;
  /** What the client got. */
  status: number;
  bytes: number;
  /** X-Request-ID as the backend got it. */
  id: string;
}

/** A line of `tail --pair --json`. */
interface Line extends Seen {
  readonly outcome: string;
  readonly code?: string;
  readonly queue_ms?: number;
  readonly backend_ms?: number;
  readonly total_ms: number;
  readonly reply_bytes: number;
}

const REQUESTS = 1000;
const AT_ONCE = 40;

const broker = inject('broker');
const ledger = new Map<string, Seen>();
let backend: ScriptedBackend;
let bridge: Bridge;

/** The n-th request: reads, writes, event streams, failures of the backend, and some that it never answers. */
function planned(n: number): { readonly path: string; readonly init: RequestInit } {
  const kind = n % 20;
  if (kind === 0) return { path: `/events?n=${n}`, init: {} };
  if (kind === 1) return { path: `/hang?n=${n}`, init: { headers: { 'X-Kafka-Timeout': '0.6' } } };
  if (kind < 4) return { path: `/fail?n=${n}`, init: {} };
  if (kind < 12) return { path: `/write/${n}`, init: { method: 'POST', body: `{"n":${n}}` } };
  return { path: `/read/${n}`, init: {} };
}

async function send(n: number): Promise<void> {
  const { path: target, init } = planned(n);
  const seen: Seen = { method: init.method ?? 'GET', target, status: 0, bytes: 0, id: '' };
  ledger.set(target, seen);
  const response = await fetch(`${bridge.origin}${target}`, init);
  seen.status = response.status;
  seen.bytes = (await response.arrayBuffer()).byteLength;
}

/** Slower than records wait for more, so that each event is one. */
async function sendEvents(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  for (let i = 0; i < 3; i++) {
    response.write(`data: ${i}\n\n`);
    await pause(15);
  }
  response.end();
}

beforeAll(async () => {
  backend = await startBackend(({ target, rawHeaders, body }, response) => {
    const at = rawHeaders.findIndex((name) => name.toLowerCase() === 'x-request-id');
    const seen = ledger.get(target);
    if (seen) seen.id = rawHeaders[at + 1] ?? '';
    if (target.startsWith('/hang')) return;
    if (target.startsWith('/fail')) response.writeHead(503).end('busy');
    else if (target.startsWith('/events')) void sendEvents(response);
    else response.end(body.length > 0 ? body : 'read');
  });
  const topicKeys = { max_retries: 1, circuit_breaker: false };
  bridge = await startBridge({ broker, backendUrl: backend.url, topicKeys });
  const numbers = Array.from({ length: REQUESTS }, (_, n) => n);
  const worker = async () => {
    for (let n = numbers.shift(); n !== undefined; n = numbers.shift()) await send(n);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}, 180_000);
afterAll(async () => {
  await bridge?.close();
  await backend?.close();
});

async function pairs(argv: readonly string[], topics = topicsOf(), options?: CapturedOptions) {
  const { code, stdout, stderr } = await runCaptured(
    ['tail', ...topics, '--pair', '--json', ...argv, ...brokerFlags(broker)],
    options,
  );
  const lines = stdout.split('\n').filter((line) => line !== '');
  return { code, stderr, lines: lines.map((line) => JSON.parse(line) as Line) };
}
const topicsOf = () => [bridge.requestTopic, bridge.responseTopic, bridge.deadLetterTopic];

it('prints a line for each of 1,000 requests, which agrees with what client and backend saw', async () => {
  const { code, stderr, lines } = await pairs(['--since', 'start']);
  expect({ code, stderr, count: lines.length }).toEqual({ code: 0, stderr: '', count: REQUESTS });
  const found = lines.map(({ method, target, status, reply_bytes: bytes, id }) => ({
    method,
    target,
    status,
    bytes,
    id,
  }));
  const byTarget = (a: Seen, b: Seen) => (a.target < b.target ? -1 : 1);
  const hangs = ({ target }: Seen) => target.startsWith('/hang');
  expect(found.filter((one) => !hangs(one)).sort(byTarget)).toEqual(
    [...ledger.values()].filter((one) => !hangs(one)).sort(byTarget),
  );
  // Proxy and processor both say 504 at the deadline, each in words of its own. On a busy machine a deadline may pass
  // before the backend has the request, and knows its id.
  for (const { target, status, method, id } of found.filter(hangs)) {
    const seen = ledger.get(target);
    expect({ status, method, id: seen?.id ? id : '' }).toEqual({
      status: seen?.status,
      method: seen?.method,
      id: seen?.id,
    });
  }
  expect(new Set(found.map(({ target }) => target)).size).toBe(REQUESTS);
  for (const { target, outcome, total_ms, queue_ms, backend_ms } of lines) {
    expect(outcome).toBe('answered');
    if (target.startsWith('/events')) expect(total_ms).toBeGreaterThanOrEqual(30);
    // Each of them is rounded.
    else if (!target.startsWith('/hang')) {
      expect(Math.abs((queue_ms ?? Number.NaN) + (backend_ms ?? Number.NaN) - total_ms)).toBeLessThanOrEqual(1);
    }
  }
});

it('finds pairs by their status, whichever record says it, and the last ones of them', async () => {
  const failed = [...ledger.values()].filter(({ target }) => target.startsWith('/fail'));
  expect((await pairs(['--since', 'start', '--status', '503'])).lines).toHaveLength(failed.length);
  const { lines } = await pairs(['-n', '7', '--status', '503', '--path', '/fail']);
  expect(lines).toHaveLength(7);
  expect(lines.every(({ target, status }) => target.startsWith('/fail') && status === 503)).toBe(true);
  const timeouts = await pairs(['--since', 'start', '--code', 'backend_timeout', '--code', 'timeout']);
  expect(timeouts.lines).toHaveLength(REQUESTS / 20);
});

it('prints the last twenty requests, with their replies', async () => {
  const all = (await pairs(['--since', 'start'])).lines as (Line & { time: string })[];
  const { lines } = await pairs([]);
  const times = all.map(({ time }) => time).sort((a, b) => (a < b ? -1 : 1));
  expect(lines).toHaveLength(20);
  for (const { time, outcome } of lines as (Line & { time: string })[]) {
    expect(time >= (times.at(-20) as string)).toBe(true);
    expect(outcome).toBe('answered');
  }
});

it('reads what a configuration names when no topic is', async () => {
  const environment = {
    KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers,
    KAFKA_PROPERTIES: JSON.stringify(broker.properties),
    DEFAULT_REQUEST_TOPIC: bridge.requestTopic,
    DEFAULT_RESPONSE_TOPIC: bridge.responseTopic,
    WARMUP_TOPICS: bridge.responseTopic,
  };
  const { code, stdout } = await runCaptured(['tail', '--pair', '--json', '--since', 'start'], { environment });
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(REQUESTS);
});

it('says where the replies are when their topic is not read', async () => {
  const { stderr, lines } = await pairs(['--since', 'start'], [bridge.requestTopic]);
  expect(lines).toHaveLength(REQUESTS);
  expect(new Set(lines.map(({ outcome }) => outcome))).toEqual(new Set(['waiting', 'unanswered']));
  expect(stderr).toBe(`requests answered in ${bridge.responseTopic}, which is not read: ${REQUESTS}; name it too\n`);
});

it('follows no more than it may, and says what it gave up', async () => {
  const { stderr, lines } = await pairs(['--since', 'start', '--max-open', '5']);
  expect(lines).toHaveLength(REQUESTS);
  const givenUp = lines.filter(({ outcome }) => outcome === 'given_up').length;
  expect(givenUp).toBeGreaterThan(0);
  expect(stderr).toBe(`requests given up: ${givenUp}; more than 5 (--max-open) were open at once\n`);
});

it('follows requests that come, and tells at the end which have no reply yet', async () => {
  const stopping = new AbortController();
  let isSent = false;
  const onOutput = (stdout: string) => {
    if (!isSent) {
      isSent = true;
      // One that never ends, then one that is answered.
      void fetch(`${bridge.origin}/hang?n=last`, { headers: { 'X-Kafka-Timeout': '20' } }).catch(() => undefined);
      const isThere = () => expect(backend.received.some(({ target }) => target === '/hang?n=last')).toBe(true);
      void vi.waitFor(isThere, { timeout: 20_000 }).then(() => fetch(`${bridge.origin}/read/last`));
    }
    if (stdout.includes('/read/last')) stopping.abort();
  };
  const { code, stderr, lines } = await pairs(['-f', '-n', '1'], topicsOf(), { signal: stopping.signal, onOutput });
  expect(code).toBe(130);
  expect(lines.map(({ target }) => target)).toEqual([expect.any(String), '/read/last']);
  expect(stderr).toMatch(/^interrupted; without the end of their reply: [\w-]{21}\n$/);
});
