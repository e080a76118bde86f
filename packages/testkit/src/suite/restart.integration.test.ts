import { expect, it } from 'vitest';
import { startBackend } from '../http/scripted-backend.js';
import { useBridge } from '../services/use-bridge.js';

const RESTARTS = 50;

const stage = useBridge({ backend: startBackend });

it(`answers the first request after "ready", ${RESTARTS} restarts in a row`, { timeout: 300_000 }, async () => {
  for (let i = 0; i < RESTARTS; i++) {
    const proxy = await stage.bridge.startProxy();
    const response = await fetch(`http://127.0.0.1:${proxy.port}/${i}`, { headers: { 'x-kafka-timeout': '5' } });
    expect([i, response.status]).toEqual([i, 200]);
    expect(await proxy.stop()).toBe(0);
  }
});
