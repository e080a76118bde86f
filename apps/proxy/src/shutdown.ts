import { setTimeout as sleep } from 'node:timers/promises';
import { BridgeError } from '@kafka-http-proxy/protocol';
import type { Closer } from '@kafka-http-proxy/service';
import type { Core } from './core.js';
import type { Ingress } from './http/server.js';

/** An idle connection is ended this long after the stop began, ms: a request may be on its way on it. */
export const IDLE_MS = 1000;

/** Part of shutdown_grace kept for telling those who still wait, and for closing Kafka, ms. */
export const RESERVE_MS = 2000;

/** How long the answers that end the waiting have to leave, ms. */
const LAST_WORDS_MS = 100;

/** What is to be shut down. */
export interface ShutdownOptions {
  /** All of it ends within this time, ms. */
  readonly graceMs: number;
  readonly ingress: Ingress;
  readonly core: Pick<Core, 'exchange' | 'close'>;
  /** What waits in them is written. */
  readonly logs: readonly ({ flush(): void } | null)[];
  readonly closer: Closer;
}

/** Takes nothing more, answers what is pending, and closes the rest. */
export async function shutDown({ graceMs, ingress, core, logs, closer }: ShutdownOptions): Promise<void> {
  ingress.stopAccepting();
  const drained = ingress.drained(Math.min(IDLE_MS, graceMs / 2));
  const late = new AbortController();
  await Promise.race([drained, sleep(Math.max(graceMs - RESERVE_MS, graceMs / 2), undefined, { signal: late.signal })]);
  late.abort();
  // Whoever still waits is told, rather than cut off.
  core.exchange.failAll(new BridgeError('shutting_down', 'This instance shut down before the reply arrived.'));
  await Promise.race([drained, sleep(LAST_WORDS_MS)]);
  ingress.destroy();
  core.close();
  for (const log of logs) log?.flush();
  await closer.close(RESERVE_MS);
}
