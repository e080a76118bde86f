import { type Bridge, type OtlpCollector, startBridge, startOtlpCollector } from '@kafka-http-proxy/testkit';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { DASHBOARDS } from './index.js';
import { type Load, type LoadBackend, startLoad, startLoadBackend } from './load.js';
import { queriesOf } from './queries.js';
import { type RealPrometheus, startPrometheus } from './real-prometheus.js';

/** A rate needs two scrapes, a gauge one, and rounds of the load take seconds. */
const SHOWN = { timeout: 60_000, interval: 250 };

let backend: LoadBackend;
let collector: OtlpCollector;
let bridge: Bridge;
let prometheus: RealPrometheus;
let load: Load;

beforeAll(async () => {
  const broker = inject('broker');
  [backend, collector] = await Promise.all([startLoadBackend(), startOtlpCollector()]);
  bridge = await startBridge({
    broker,
    backendUrl: backend.url,
    both: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    topicExtras: ',5,1',
  });
  const address = ({ managementPort }: { managementPort: number }) => `127.0.0.1:${managementPort}`;
  prometheus = await startPrometheus({
    proxy: bridge.proxies.map(address),
    processor: [address(bridge.processor)],
  });
  load = await startLoad(bridge, broker);
}, 180_000);

afterAll(async () => {
  await load?.stop();
  await prometheus?.stop();
  await bridge?.close();
  await Promise.all([backend?.close(), collector?.close()]);
});

describe.each(Object.entries(DASHBOARDS))('the dashboard %s', (_name, make) => {
  const queries = queriesOf(make());

  it.each(queries)('has something to show for $title from a real Prometheus: $expr', async ({ expr }) => {
    const figures = async () => {
      const found = (await prometheus.query(expr)).map(({ value: [, figure] }) => Number(figure));
      expect(found.filter(Number.isFinite)).not.toEqual([]);
    };
    await vi.waitFor(figures, SHOWN);
  });

  it.runIf(queries.some(({ exemplar }) => exemplar)).each(queries.filter(({ exemplar }) => exemplar))(
    'has traces that $title leads to: $expr',
    async ({ expr }) => {
      const traces = async () => {
        const found = await prometheus.exemplars(expr);
        expect(found.map(({ trace_id }) => trace_id)).toContainEqual(expect.stringMatching(/^[0-9a-f]{32}$/));
      };
      await vi.waitFor(traces, SHOWN);
    },
  );

  it('asks for variables that find values', async () => {
    for (const { type, name, query } of make().templating?.list ?? []) {
      if (type !== 'query') continue;
      const text = typeof query === 'string' ? query : String(query?.query);
      const [, series = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(text) ?? [];
      const found = await prometheus.query(series.replace(/\$\w+/g, '.*'));
      expect(
        found.map(({ metric }) => metric[label]),
        name,
      ).toContainEqual(expect.any(String));
    }
  });
});
