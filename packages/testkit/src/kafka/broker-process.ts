import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createProducer } from '@kafka-http-proxy/kafka';
import { missingProgram } from './jars.js';

const READY_MS = 60_000;
const STOP_MS = 15_000;

/** Resolves when the broker answers a metadata request. */
export async function brokerAnswers(address: string, broker: number): Promise<void> {
  const silent = { error: () => undefined, log: () => undefined, restarted: () => undefined };
  const settings = {
    bootstrapServers: address,
    clientId: 'testkit',
    properties: {},
    maxRecordBytes: 1_000_000,
    events: silent,
  };
  const signal = AbortSignal.timeout(READY_MS);
  const producer = await createProducer(settings, { messageTimeoutMs: 1000, signal }).catch((cause: unknown) => {
    throw new Error(`Kafka broker ${broker} did not answer at ${address} in ${READY_MS} ms`, { cause });
  });
  await producer.close(0);
}

/** A broker ended before it answered. */
export class BrokerEnded extends Error {}

/** Rejects when the process ends before the broker was ready; pending for ever otherwise. @throws {BrokerEnded} */
export async function brokerDies(child: ChildProcess, broker: number, dir: string): Promise<never> {
  const [code] = (await once(child, 'exit').catch((error: NodeJS.ErrnoException) => {
    throw missingProgram('java', error);
  })) as [number | null];
  const log = await readFile(join(dir, `broker-${broker}.log`), 'utf8').catch(() => '');
  throw new BrokerEnded(`Kafka broker ${broker} ended with ${code}:\n${log.slice(-4000)}`);
}

/** Ends a process by SIGTERM, or by SIGKILL when that takes too long. */
export async function endBroker(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'exit');
  // A stopped process (SIGSTOP) would not see the others.
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  const timer = new AbortController();
  const late = delay(STOP_MS, undefined, { signal: timer.signal }).then(() => child.kill('SIGKILL'));
  late.catch(() => undefined);
  await ended;
  timer.abort();
}

/** Whether a process has ended, or never started. */
export function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
