import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { recordHeader } from '@kafka-http-proxy/protocol';
import { expect, inject, it } from 'vitest';
import { readTopic } from '../kafka/probe.js';
import { type LedgerBackend, startLedgerBackend } from '../ledger/ledger-backend.js';
import { startLoad } from '../ledger/load.js';
import { startWitness } from '../ledger/witness.js';
import { brokerEnv } from '../services/bridge.js';
import { repositoryPath } from '../services/service-process.js';
import { useBridge } from '../services/use-bridge.js';

const broker = inject('broker');
const stage = useBridge<LedgerBackend>({
  backend: () => startLedgerBackend(),
  topicKeys: { circuit_breaker: false, max_retries: 1 },
});

interface Replay {
  readonly child: ChildProcess;
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
  readonly said: () => string;
}

function replay(...argv: string[]): Replay {
  const { requestTopic, responseTopic, deadLetterTopic, controlTopic } = stage.bridge;
  const words = ['dlq', 'replay', '--yes', ...argv];
  const child = spawn(process.execPath, [repositoryPath('apps/cli/bin/kafka-http-proxy.js'), ...words], {
    env: {
      PATH: process.env.PATH,
      ...brokerEnv(broker),
      DEAD_LETTER_TOPIC: deadLetterTopic,
      CONTROL_TOPIC: controlTopic,
      DEFAULT_REQUEST_TOPIC: requestTopic,
      DEFAULT_RESPONSE_TOPIC: responseTopic,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  return { child, ended, said: () => text };
}

/** The last mark of each letter, by `partition:offset`. */
async function watchMarks(): Promise<{ states: Map<string, string>; close(): Promise<void> }> {
  const states = new Map<string, string>();
  const consumer = await readTopic(broker, `${stage.bridge.deadLetterTopic}-marks`, ({ key, value }) => {
    const { state } = JSON.parse(value?.toString() ?? '{}') as { state?: string };
    if (key !== null && state !== undefined) states.set(key.toString(), state);
  });
  return { states, close: () => consumer.close() };
}

it('loses none and repeats none when a replay is killed half way and started again', { timeout: 180_000 }, async () => {
  const { backend, bridge } = stage;
  const { requestTopic, deadLetterTopic } = bridge;
  const witness = await startWitness({ broker, requestTopic, deadLetterTopic, group: `processor-${requestTopic}` });
  const places = new Map<string, string>();
  const unsent = new Set<string>();
  const letters = await readTopic(broker, deadLetterTopic, ({ partition, offset, headers }) => {
    const khp = JSON.parse(recordHeader(headers, 'khp') ?? '{}') as { headers?: string[] };
    const id = khp.headers?.[khp.headers.findIndex((name) => name.toLowerCase() === 'x-ledger-id') + 1];
    if (id === undefined) return;
    places.set(id, `${partition}:${offset}`);
    const error = JSON.parse(recordHeader(headers, 'khp-error') ?? '{}') as { sent?: string };
    if (error.sent === 'no') unsent.add(id);
  });

  const load = startLoad({
    target: () => bridge.origin,
    rates: { read: 20 },
    keys: 8,
    thinkMs: 10,
    patienceMs: 60_000,
  });
  await expect.poll(() => backend.executions.length).toBeGreaterThan(40);
  await backend.fall();
  await expect.poll(() => bridge.processor.metric('processor_dead_letters_total')).toBeGreaterThan(150);
  await backend.rise();
  await load.stop();
  await witness.settled(30_000);
  const buried = await bridge.processor.metric('processor_dead_letters_total');
  await expect.poll(() => witness.buried.length).toBe(buried);
  const kinds = new Map(load.sent.map(({ id, kind }) => [id, kind]));
  await expect.poll(() => witness.buried.filter(({ id }) => !places.has(id))).toEqual([]);
  const writes = witness.buried.map(({ id }) => id).filter((id) => kinds.get(id) === 'write');
  // The backend fell while it had the others.
  const wanted = writes.filter((id) => unsent.has(id));
  expect(wanted.length).toBeGreaterThan(60);

  const before = backend.executions.length;
  backend.delayMs = 100;
  const first = replay('--concurrency', '4');
  await expect.poll(() => backend.executions.length).toBeGreaterThan(before + wanted.length / 2);
  first.child.kill('SIGKILL');
  expect(await first.ended).toBe('SIGKILL');
  backend.delayMs = 5;
  const second = replay();
  expect(await second.ended, second.said()).toBe(0);

  const marks = await watchMarks();
  const runs = new Map<string, number>();
  for (const { id } of backend.executions.slice(before)) runs.set(id, (runs.get(id) ?? 0) + 1);
  const stateOf = (id: string) => marks.states.get(places.get(id) ?? '');
  const doubtful = () => wanted.filter((id) => stateOf(id) === 'sending');
  // What the second run left, which knew all marks: until so many are left, the marks are not read to their end.
  const left = Number(/(\d+) {2}may_have_run/.exec(second.said())?.[1] ?? 0);
  await expect.poll(() => wanted.filter((id) => stateOf(id) === undefined)).toEqual([]);
  await expect.poll(() => doubtful().length).toBe(left - (writes.length - wanted.length));
  // What was under way when it was killed; it is left for somebody to decide.
  expect(left - (writes.length - wanted.length)).toBeLessThanOrEqual(4);
  expect(wanted.filter((id) => !runs.has(id) && !doubtful().includes(id))).toEqual([]);
  expect([...runs].filter(([, times]) => times > 1)).toEqual([]);
  expect([...runs.keys()].filter((id) => !wanted.includes(id))).toEqual([]);
  await Promise.all([marks.close(), letters.close(), witness.close()]);
});

/** Makes letters of requests to a backend that is gone, and has it back. */
async function fail(method: string, ids: readonly string[]): Promise<void> {
  await stage.backend.fall();
  for (const id of ids) {
    await fetch(`${stage.bridge.origin}/write`, { method, headers: { 'x-ledger-id': id }, body: 'x' });
  }
  await stage.backend.rise();
}

it('sends nothing more when it stood still and another run has taken over', { timeout: 120_000 }, async () => {
  const { backend } = stage;
  const ids = Array.from({ length: 8 }, (_, i) => `still-${i}`);
  await fail('POST', ids);
  const before = backend.executions.length;
  backend.delayMs = 500;
  const first = replay('--concurrency', '1');
  await expect.poll(() => backend.executions.length).toBeGreaterThan(before + 1);
  first.child.kill('SIGSTOP');
  const second = replay();
  expect(await second.ended, second.said()).toBe(0);
  first.child.kill('SIGCONT');
  expect(await first.ended, first.said()).toBe(1);
  expect(first.said()).toMatch(/stopped: run \S+ of \S+ has taken over: this one gave no sign of life for 10 s/);
  backend.delayMs = 5;
  const ran = backend.executions.slice(before).map(({ id }) => id);
  expect(new Set(ran)).toEqual(new Set(ids));
  expect(ran).toHaveLength(ids.length);
});

it('ends in its own way at Ctrl-C: what is under way is waited for and marked', async () => {
  const { backend } = stage;
  await fail(
    'PUT',
    Array.from({ length: 10 }, (_, i) => `stopped-${i}`),
  );
  const before = backend.executions.length;
  backend.delayMs = 1000;
  const run = replay('--concurrency', '2', '--json');
  await expect.poll(() => backend.executions.length).toBe(before + 2);
  run.child.kill('SIGINT');
  expect(await run.ended, run.said()).toBe(130);
  expect(run.said()).toContain('2 of 10 sent, 0 failed; 8 were not sent; interrupted');
  expect(backend.executions.length).toBe(before + 2);
  backend.delayMs = 5;
});
