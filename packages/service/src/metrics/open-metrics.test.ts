import { Counter, Gauge, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { LatencyHistogram } from './latency-histogram.js';
import { metricsPage } from './open-metrics.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const OPEN = 'application/openmetrics-text; version=1.0.0';

function setUp() {
  const registry = new Registry();
  const seconds = new LatencyHistogram({ name: 'took_seconds', help: 'Time.', labelNames: ['topic'], registry });
  new Counter({ name: 'requests_total', help: 'Requests.', registers: [registry] }).inc(3);
  new Gauge({ name: 'handles_total', help: 'Handles.', registers: [registry] }).set(7);
  return { registry, series: seconds.labels({ topic: 'orders' }) };
}

it('OpenMetrics has the last exemplar of each bucket, and ends as it has to', async () => {
  const { registry, series } = setUp();
  series.observe(0.004);
  series.observe(0.0041, 'f'.repeat(32));
  series.observe(0.0042, TRACE);
  const { text, contentType } = await metricsPage(registry, OPEN);
  expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  const exemplars = text.split('\n').filter((line) => line.includes(' # '));
  expect(exemplars).toEqual([
    expect.stringMatching(
      new RegExp(
        `^took_seconds_bucket\\{le="0.005",topic="orders"\\} 3 # \\{trace_id="${TRACE}"\\} 0.0042 \\d+\\.?\\d*$`,
      ),
    ),
  ]);
  expect(text).toContain('# TYPE requests counter\nrequests_total 3');
  expect(text).toContain('# TYPE handles_total unknown\nhandles_total 7');
  expect(text.endsWith('\n# EOF\n')).toBe(true);
});

it('text is as prom-client writes it, before OpenMetrics was asked for and after', async () => {
  const { registry, series } = setUp();
  series.observe(0.004, TRACE);
  const plain = await registry.metrics();
  await metricsPage(registry, OPEN);
  expect(await metricsPage(registry, undefined)).toEqual({ contentType: registry.contentType, text: plain });
  expect(plain).not.toContain(TRACE);
  expect(plain).toContain('# TYPE requests_total counter\nrequests_total 3');
});

describe('OpenMetrics is written', () => {
  it.each([
    [OPEN, true],
    ['application/openmetrics-text', true],
    [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.4,*/*;q=0.1',
      true,
    ],
    ['application/openmetrics-text;q=0.3,text/plain;q=0.5', false],
    ['application/openmetrics-text;q=0,*/*;q=0.1', false],
    ['application/openmetrics-text;version=2.0.0', false],
    ['text/plain', false],
    ['*/*', false],
    ['', false],
  ])('for Accept: %s: %s', async (accept, expected) => {
    const { contentType } = await metricsPage(setUp().registry, accept);
    expect(contentType.startsWith('application/openmetrics-text')).toBe(expected);
  });
});
