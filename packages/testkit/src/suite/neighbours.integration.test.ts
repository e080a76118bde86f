import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { freePort } from '../machine/ports.js';
import { type Bridge, startBridge } from '../services/bridge.js';
import type { ServiceProcess } from '../services/service-process.js';

let backend: ScriptedBackend;
let bridge: Bridge;
const running: ServiceProcess[] = [];

beforeAll(async () => {
  backend = await startBackend();
  bridge = await startBridge({ broker: inject('broker'), backendUrl: backend.url });
});
afterAll(async () => {
  await Promise.all(running.map((one) => one.stop()));
  await bridge?.close();
  await backend?.close();
});

/** Two proxies that read partition 0, by the names that they are given. */
async function two(names: readonly [string, string]): Promise<ServiceProcess[]> {
  const made: ServiceProcess[] = [];
  for (const name of names) {
    const env = { INSTANCE_ID: name, REPLY_PARTITION: '0', MANAGEMENT_PORT: String(await freePort()) };
    made.push(await bridge.startProxy(env));
  }
  running.push(...made);
  return made;
}

async function notesOf({ managementPort }: ServiceProcess): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${managementPort}/ready`);
  expect(response.status).toBe(200);
  return JSON.stringify(((await response.json()) as { notes?: string[] }).notes ?? []);
}

const told = (one: ServiceProcess, level: string): string[] =>
  one.log.filter((line) => line.level === level).map((line) => String(line.msg));

it('two proxies with one instance_id are told of it, both, and work', async () => {
  const proxies = await two(['twin', 'twin']);
  for (const proxy of proxies) {
    await expect
      .poll(() => notesOf(proxy), { timeout: 30_000 })
      .toContain(`another proxy has instance_id \\"twin\\" too, and reads partition 0 of ${bridge.responseTopic}`);
    expect(told(proxy, 'warn').filter((line) => line.includes('instance_id "twin"'))).toHaveLength(1);
    expect((await fetch(`http://127.0.0.1:${proxy.port}/`)).status).toBe(200);
  }
});

it('two that share a partition are told whom with and what to do, without a warning', async () => {
  const [first, second] = (await two(['one', 'other'])) as [ServiceProcess, ServiceProcess];
  await expect.poll(() => notesOf(first), { timeout: 30_000 }).toContain('proxy \\"other\\" reads partition 0');
  await expect.poll(() => notesOf(second), { timeout: 30_000 }).toContain('proxy \\"one\\" reads partition 0');
  expect(told(first, 'info').join()).toContain('as many partitions as there are proxies');
  expect(told(first, 'warn').filter((line) => line.includes('reads partition'))).toEqual([]);
});
