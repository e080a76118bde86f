import { expect, vi } from 'vitest';
import type { ServiceProcess } from '../services/service-process.js';

/** What `/status` of both tiers says about their configuration. */
export interface ConfigStatus {
  readonly config_hash: string;
  readonly config_loaded_at: string;
  readonly config_error: string | null;
}

/** A change is found within two seconds; a login may take ten to be refused, and a group some to answer. */
const SOON = { timeout: 40_000, interval: 20 };

/** `/status` of a service. */
export async function statusOf<S extends ConfigStatus>({ managementPort }: ServiceProcess): Promise<S> {
  return (await (await fetch(`http://127.0.0.1:${managementPort}/status`)).json()) as S;
}

/** Resolves when what was read after `since` (ISO 8601) is in effect. */
export async function untilTaken<S extends ConfigStatus>(service: ServiceProcess, since: string): Promise<S> {
  return await vi.waitFor(async () => {
    const now = await statusOf<S>(service);
    expect([now.config_error, now.config_loaded_at > since]).toEqual([null, true]);
    return now;
  }, SOON);
}

/** Has a change taken. */
export async function taken<S extends ConfigStatus>(
  service: ServiceProcess,
  change: () => Promise<unknown>,
): Promise<S> {
  await change();
  const changed = new Date().toISOString();
  // A reading that began in the same millisecond may be an earlier one.
  await vi.waitFor(() => expect(new Date().toISOString() > changed).toBe(true), SOON);
  service.child.kill('SIGHUP');
  return await untilTaken<S>(service, changed);
}

/** Resolves when a change is refused for that reason. */
export async function untilRefused(service: ServiceProcess, reason: RegExp): Promise<void> {
  await vi.waitFor(async () => expect((await statusOf(service)).config_error).toMatch(reason), SOON);
}

/** Has a change refused, for that reason. */
export async function refused(service: ServiceProcess, change: () => Promise<unknown>, reason: RegExp): Promise<void> {
  await change();
  service.child.kill('SIGHUP');
  await untilRefused(service, reason);
}
