import { systemClock } from '@kafka-http-proxy/streams';
import { onTestFinished } from 'vitest';
import type { Attempt } from '../attempts/attempt.js';
import { type ReceiveOptions, receive } from '../attempts/receive.js';
import type { Backend } from '../backend/backend.js';
import { createBackendPools } from '../backend/backend-pools.js';
import type { BackendRequest } from '../backend/backend-request.js';
import { NO_LIMIT } from './no-limit.js';
import { type Behaviour, rawBackend } from './raw-backend.js';
import { backendRequest, topic } from './samples.js';

/** A GET that may be repeated. */
export const PLAIN_GET = backendRequest();

/** Sends a request to a backend, and gathers its answer. */
type Call = (request?: Partial<BackendRequest>, options?: Partial<ReceiveOptions>) => Promise<Attempt>;

/** Gathers the answer of a backend, within limits that no test is about unless it says so. */
export function gather(
  backend: Backend,
  request: BackendRequest,
  options: Partial<ReceiveOptions> = {},
): Promise<Attempt> {
  const limits = { maxBodyBytes: 1_000_000, timeoutMs: 5_000, clock: systemClock, budget: NO_LIMIT };
  return new Promise((resolve) => receive(backend, request, { ...limits, ...options }, resolve));
}

/** Calls whoever listens at `url`, through pools of its own. */
export function caller(url: string): { call: Call; close(): Promise<void> } {
  const config = topic({ backend_url: url });
  const pools = createBackendPools();
  onTestFinished(() => pools.close());
  return {
    close: pools.close,
    call: (request, options) => gather(pools.open(config, 10).backend, { ...PLAIN_GET, ...request }, options),
  };
}

/** A backend of bytes, and a way to call it. */
export async function backend(...behaviours: Behaviour[]) {
  const server = await rawBackend(...behaviours);
  return { ...server, server, ...caller(server.url) };
}

/** An attempt that was answered. */
export function answer(attempt: Attempt): Attempt & { kind: 'answer' } {
  if (attempt.kind !== 'answer') throw new Error(`no answer: ${JSON.stringify(attempt)}`);
  return attempt;
}

/** A whole answer. */
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Each by undici, and by node:http for what undici can't say. */
export const ways: [string, Partial<BackendRequest>][] = [
  ['undici', {}],
  ['node:http', { target: '*', method: 'OPTIONS' }],
];
