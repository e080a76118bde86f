import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { type Bridge, startBridge } from '../services/bridge.js';

const RESTARTS = 50;

let backend: ScriptedBackend;
let bridge: Bridge;
beforeAll(async () => {
  backend = await startBackend();
  bridge = await startBridge({ broker: inject('broker'), backendUrl: backend.url });
});
afterAll(async () => {
  await bridge?.close();
  await backend?.close();
});

it(`answers the first request after "ready", ${RESTARTS} restarts in a row`, { timeout: 300_000 }, async () => {
  for (let i = 0; i < RESTARTS; i++) {
    const proxy = await bridge.startProxy();
    const response = await fetch(`http://127.0.0.1:${proxy.port}/${i}`, { headers: { 'x-kafka-timeout': '5' } });
    expect([i, response.status]).toEqual([i, 200]);
    expect(await proxy.stop()).toBe(0);
  }
});
