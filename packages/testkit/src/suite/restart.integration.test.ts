import { expect, it } from 'vitest';
import { startBackend } from '../http/scripted-backend.js';
import { useBridge } from '../services/use-bridge.js';

const RESTARTS = 50;
/** Of so many proxies: while one waits for Kafka, another starts. */
const AT_ONCE = 2;

const stage = useBridge({ backend: startBackend });

it(`answers the first request after "ready", ${RESTARTS} restarts in a row`, { timeout: 300_000 }, async () => {
  const restart = async (from: number) => {
    for (let i = from; i < RESTARTS; i += AT_ONCE) {
      const proxy = await stage.bridge.startProxy();
      const response = await fetch(`http://127.0.0.1:${proxy.port}/${i}`, { headers: { 'x-kafka-timeout': '5' } });
      expect([i, response.status]).toEqual([i, 200]);
      expect(await proxy.stop()).toBe(0);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => restart(i)));
});
