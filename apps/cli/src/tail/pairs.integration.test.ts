import { setTimeout as pause } from 'node:timers/promises';
import { type Bridge, type ScriptedBackend, startBackend, startBridge } from '@kafka-http-proxy/testkit';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { runCaptured } from '../testing/captured-host.js';

/** What a client and the backend saw of a request. */
interface Ledger {
  readonly method: string;
  readonly target: string;
  /** What the client got; null: the connection ended. */
  status: number | null;
  bytes: number;
  /** X-Request-ID as the backend got it. */
  id: string | null;
}

const REQUESTS = 1000;
const AT_ONCE = 40;

const broker = inject('broker');
const ledger = new Map<string, Ledger>();
let backend: ScriptedBackend;
let bridge: Bridge;

/** What the n-th request is: reads, writes, event streams, failures, and some that nobody answers. */
function planned(n: number): { method: string; path: string; body: string | null; timeout: number | null } {
  const kind = n % 20;
  if (kind === 0) return { method: 'GET', path: `/events?n=${n}`, body: null, timeout: null };
  if (kind === 1) return { method: 'GET', path: `/hang?n=${n}`, body: null, timeout: 0.6 };
  if (kind < 4) return { method: 'GET', path: `/fail?n=${n}`, body: null, timeout: null };
  if (kind < 12) return { method: 'POST', path: `/write/${n}`, body: `{"n":${n}}`, timeout: null };
  return { method: 'GET', path: `/read/${n}`, body: null, timeout: null };
}

async function send(n: number): Promise<void> {
  const { method, path: target, body, timeout } = planned(n);
  const entry: Ledger = { method, target, status: null, bytes: 0, id: null };
  ledger.set(target, entry);
  const headers = timeout === null ? {} : { 'X-Kafka-Timeout': String(timeout) };
  const response = await fetch(`${bridge.origin}${target}`, { method, body, headers });
  entry.status = response.status;
  entry.bytes = (await response.arrayBuffer()).byteLength;
}

beforeAll(async () => {
  backend = await startBackend((request, response) => {
    const entry = ledger.get(request.target);
    const at = request.rawHeaders.findIndex((name) => name.toLowerCase() === 'x-request-id');
    if (entry) entry.id = request.rawHeaders[at + 1] ?? null;
    if (request.target.startsWith('/hang')) return;
    if (request.target.startsWith('/fail')) response.writeHead(503).end('busy');
    else if (request.target.startsWith('/events')) void events(response);
    else response.end(request.body.length > 0 ? request.body : 'read');
  });
  const topicKeys = { max_retries: 1, circuit_breaker: false };
  bridge = await startBridge({ broker, backendUrl: backend.url, topicKeys });
  const numbers = Array.from({ length: REQUESTS }, (_, n) => n);
  const worker = async () => {
    for (let n = numbers.shift(); n !== undefined; n = numbers.shift()) await send(n);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}, 120_000);
afterAll(async () => {
  await bridge?.close();
  await backend?.close();
});

async function events(response: { write(text: string): unknown; end(): unknown; writeHead(...a: never[]): unknown }) {
  (response.writeHead as (status: number, headers: object) => unknown)(200, { 'Content-Type': 'text/event-stream' });
  for (let i = 0; i < 3; i++) {
    response.write(`data: ${i}\n\n`);
    await pause(15);
  }
  response.end();
}

const kafka = (): string[] => [
  '-b',
  broker.bootstrapServers,
  ...Object.entries(broker.properties).flatMap(([name, value]) => ['-X', `${name}=${value}`]),
];

it('prints a line for each of 1,000 requests, which agrees with what client and backend saw', async () => {
  const topics = [bridge.requestTopic, bridge.responseTopic, bridge.deadLetterTopic];
  const { code, stdout, stderr } = await runCaptured([
    'tail',
    ...topics,
    '--pair',
    '--since',
    'start',
    '--json',
    ...kafka(),
  ]);
  console.log(stderr);
  expect(code).toBe(0);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  console.log(
    lines.slice(0, 3),
    lines.filter((l) => l.target.startsWith('/hang')).slice(0, 3),
    lines.filter((l) => l.target.startsWith('/events')).slice(0, 2),
  );
  expect(lines).toHaveLength(REQUESTS);
});
