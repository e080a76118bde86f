import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { LatencyHistogram } from './latency-histogram.js';
import { LATENCY_BUCKETS } from './registry.js';

const TOPICS = ['orders', 'pay"ments'];
const about = { name: 'took_seconds', help: 'How long it took.', labelNames: ['topic', 'method'] as const };

it('is written out as prom-client writes its own', async () => {
  const seconds = fc.oneof(fc.constantFrom(0, ...LATENCY_BUCKETS, 61), fc.double({ min: 0, max: 100, noNaN: true }));
  const observation = fc.record({ topic: fc.constantFrom(...TOPICS), seconds });
  await fc.assert(
    fc.asyncProperty(fc.array(observation, { maxLength: 50 }), async (observations) => {
      const ours = new Registry();
      const theirs = new Registry();
      const fast = new LatencyHistogram({ ...about, registry: ours });
      const plain = new Histogram({ ...about, buckets: [...LATENCY_BUCKETS], registers: [theirs] });
      for (const { topic, seconds } of observations) {
        fast.labels({ topic, method: 'GET' }).observe(seconds);
        plain.labels({ topic, method: 'GET' }).observe(seconds);
      }
      expect(await ours.metrics()).toBe(await theirs.metrics());
    }),
  );
});

it('leaves out what is no finite number, and forgets all on reset', async () => {
  const registry = new Registry();
  const histogram = new LatencyHistogram({ ...about, registry });
  const series = histogram.labels({ topic: 'orders', method: 'GET' });
  for (const seconds of [Number.NaN, Number.POSITIVE_INFINITY, 1]) series.observe(seconds);
  expect(await registry.getSingleMetricAsString('took_seconds')).toContain(
    'took_seconds_count{topic="orders",method="GET"} 1',
  );
  registry.resetMetrics();
  expect(await registry.getSingleMetricAsString('took_seconds')).not.toContain('orders');
});
