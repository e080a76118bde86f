import fc from 'fast-check';
import { Counter, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { RequestCounter } from './request-counter.js';

const about = { name: 'requests_total', help: 'Requests.', labelNames: ['topic', 'method'] as const };

it('is written out from the start where it was told to count none', async () => {
  const registry = new Registry();
  new RequestCounter({ ...about, registry }).labels({ topic: 'orders', method: 'GET' }).inc(0);
  expect(await registry.metrics()).toContain('requests_total{topic="orders",method="GET"} 0');
});

it('is written out as prom-client writes its own, whenever it is asked for', async () => {
  const step = fc.oneof(
    fc.constantFrom('orders', 'pay"ments').map((topic) => ({ topic })),
    fc.constant('scrape'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
      const ours = new Registry();
      const theirs = new Registry();
      const fast = new RequestCounter({ ...about, registry: ours });
      const plain = new Counter({ ...about, registers: [theirs] });
      for (const one of [...steps, 'scrape']) {
        if (typeof one === 'string') expect(await ours.metrics()).toBe(await theirs.metrics());
        else {
          fast.labels({ ...one, method: 'GET' }).inc();
          plain.labels({ ...one, method: 'GET' }).inc();
        }
      }
    }),
  );
});
