import { afterAll, expect, it } from 'vitest';
import { startBackend } from '../http/scripted-backend.js';
import { freePort } from '../machine/ports.js';
import type { ServiceProcess } from '../services/service-process.js';
import { useBridge } from '../services/use-bridge.js';

const stage = useBridge({ backend: startBackend });
const running: ServiceProcess[] = [];

afterAll(() => Promise.all(running.map((one) => one.stop())));

/** Two proxies that read partition 0, by the names that they are given. */
async function two(names: readonly [string, string]): Promise<ServiceProcess[]> {
  const made: ServiceProcess[] = [];
  for (const name of names) {
    const env = { INSTANCE_ID: name, REPLY_PARTITION: '0', MANAGEMENT_PORT: String(await freePort()) };
    made.push(await stage.bridge.startProxy(env));
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
      .toContain(
        `another proxy has instance_id \\"twin\\" too, and reads partition 0 of ${stage.bridge.responseTopic}`,
      );
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
