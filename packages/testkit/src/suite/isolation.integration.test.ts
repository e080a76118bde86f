import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startBackend } from '../http/scripted-backend.js';
import type { ServiceProcess } from '../services/service-process.js';
import { useBridge } from '../services/use-bridge.js';

/** Each client has a body and an answer of its own; counts those who got another's, and tells what failed. */
async function crowd(
  proxies: readonly ServiceProcess[],
  clients: number,
  rounds: number,
): Promise<{ wrong: number; failed: string[] }> {
  let wrong = 0;
  const failed: string[] = [];
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const proxy = proxies[client % proxies.length] as ServiceProcess;
      for (let round = 0; round < rounds; round++) {
        const id = `${client}-${round}-${randomUUID()}`;
        const response = await fetch(`http://127.0.0.1:${proxy.port}/${id}`, {
          method: 'POST',
          body: id.repeat(1 + (client % 50)),
        });
        const text = await response.text();
        if (response.status !== 200) failed.push(`${response.status} ${text.slice(0, 300)}`);
        else if (text !== id.repeat(1 + (client % 50)) || response.headers.get('x-target') !== `/${id}`) wrong++;
      }
    }),
  );
  return { wrong, failed };
}

describe('nobody gets the answer of another', () => {
  const stage = useBridge({ backend: startBackend, proxy: { REPLY_PARTITION: '0' } });

  it('with 200 clients at once', async () => {
    expect(await crowd(stage.bridge.proxies, 200, 5)).toEqual({ wrong: 0, failed: [] });
  });

  it('with two proxies on one partition, where each reads the replies of both', async () => {
    const other = await stage.bridge.startProxy({ REPLY_PARTITION: '0' });
    expect(await crowd(stage.bridge.proxies, 200, 5)).toEqual({ wrong: 0, failed: [] });
    expect(await other.metric('proxy_foreign_replies_total')).toBeGreaterThan(0);
    await other.stop();
    stage.bridge.proxies.pop();
  });

  it('with two proxies on two partitions, where each reads its own only', async () => {
    const other = await stage.bridge.startProxy({ REPLY_PARTITION: '1' });
    expect(await crowd(stage.bridge.proxies, 200, 5)).toEqual({ wrong: 0, failed: [] });
    expect(await other.metric('proxy_foreign_replies_total')).toBe(0);
    await other.stop();
    stage.bridge.proxies.pop();
  });

  it('with a proxy that reads all partitions', async () => {
    const other = await stage.bridge.startProxy({ REPLY_PARTITION: 'all' });
    expect(await crowd([other], 50, 2)).toEqual({ wrong: 0, failed: [] });
    await other.stop();
    stage.bridge.proxies.pop();
  });
});
