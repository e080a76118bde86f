import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { freePort } from '../machine/ports.js';
import { mustRun, type OtherServer } from '../machine/program.js';
import { type OtlpCollector, startOtlpCollector } from '../otlp/collector.js';
import { treeOf } from '../otlp/tree.js';
import { type Bridge, startBridge } from '../services/bridge.js';
import type { ServiceProcess } from '../services/service-process.js';
import { COLLECTOR_CONFIG, otelcol, startOtelcol } from './otelcol.js';

/*
 * A real OpenTelemetry Collector with the configuration that is shipped: takes the spans of both tiers, scrapes their
 * metrics and reads their log. The test is the store that it sends all of it to.
 */

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

let directory: string;
let store: OtlpCollector;
let backend: ScriptedBackend;
let bridge: Bridge;
let collector: OtherServer;

/** Whatever a JSON body of OTLP holds under this name, however deep. */
function allOf(body: unknown, name: string): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  JSON.stringify(body, (key, value: unknown) => {
    if (key === name) found.push(...(value as Record<string, unknown>[]));
    return value;
  });
  return found;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'khp-otelcol-'));
  [store, backend] = await Promise.all([startOtlpCollector(), startBackend()]);
  const port = await freePort();
  bridge = await startBridge({
    broker: inject('broker'),
    backendUrl: backend.url,
    both: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, OTEL_BSP_SCHEDULE_DELAY: '200' },
    proxy: { ACCESS_LOG: 'json' },
  });
  const [proxy] = bridge.proxies as [ServiceProcess];
  proxy.child.stdout?.pipe(createWriteStream(join(directory, 'proxy.log')));
  collector = await startOtelcol(
    {
      OTLP_LISTEN: `127.0.0.1:${port}`,
      TRACES_ENDPOINT: store.url,
      PROXY_TARGETS: `[127.0.0.1:${proxy.managementPort}]`,
      PROCESSOR_TARGETS: `[127.0.0.1:${bridge.processor.managementPort}]`,
      SCRAPE_INTERVAL: '1s',
      METRICS_EXPORTER: 'otlp_http/metrics',
      METRICS_ENDPOINT: store.url,
      LOG_FILES: join(directory, '*.log'),
      LOGS_EXPORTER: 'otlp_http/logs',
      LOGS_ENDPOINT: store.url,
    },
    // The store reads spans as they are shipped, in protobuf and gzipped.
    ['exporters::otlp_http/metrics::encoding: json', 'exporters::otlp_http/logs::encoding: json'],
  );
}, 900_000);

afterAll(async () => {
  await collector?.stop();
  await bridge?.close();
  await backend?.close();
  await store?.close();
  if (directory) await rm(directory, { recursive: true });
});

it('the shipped configuration is valid as it is', async () => {
  await mustRun(await otelcol(), ['validate', '--config', COLLECTOR_CONFIG]);
});

it('a span goes through it as it was sent', async () => {
  const span = {
    traceId: 'c'.repeat(32),
    spanId: 'd'.repeat(16),
    parentSpanId: 'e'.repeat(16),
    traceState: 'a=1',
    flags: 0x101,
    name: 'process orders',
    kind: 5,
    startTimeUnixNano: '1764300000000000001',
    endTimeUnixNano: '1764300000000000002',
    attributes: [{ key: 'messaging.kafka.offset', value: { intValue: '7' } }],
    events: [{ timeUnixNano: '1764300000000000002', name: 'held' }],
    links: [{ traceId: 'c'.repeat(32), spanId: 'e'.repeat(16) }],
    status: { code: 2, message: 'expired' },
  };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'another' } }] };
  const response = await fetch(`${collector.url}/v1/traces`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'test' }, spans: [span] }] }] }),
  });
  expect(response.status).toBe(200);
  const isIt = ({ name }: { readonly name: string }) => name === 'process orders';
  const spans = await store.untilSpans((all) => all.some(isIt), 'the span');
  expect(spans.find(isIt)).toEqual({
    traceId: 'c'.repeat(32),
    spanId: 'd'.repeat(16),
    parentId: 'e'.repeat(16),
    traceState: 'a=1',
    flags: 0x101,
    name: 'process orders',
    kind: 'CONSUMER',
    startNs: 1764300000000000001n,
    endNs: 1764300000000000002n,
    attributes: { 'messaging.kafka.offset': 7 },
    events: [{ name: 'held', timeNs: 1764300000000000002n, attributes: {} }],
    links: [{ traceId: 'c'.repeat(32), spanId: 'e'.repeat(16), traceState: '', attributes: {} }],
    status: { code: 'ERROR', message: 'expired' },
    resource: { 'service.name': 'another' },
    scope: { name: 'test', version: '' },
    schemaUrls: { resource: '', scope: '' },
  });
  expect(store.requests.find(({ path }) => path === '/v1/traces')?.headers).toMatchObject({
    'content-type': 'application/x-protobuf',
    'content-encoding': 'gzip',
  });
});

it('one request is in the spans, the metrics and the log lines that arrive, by one trace id', async () => {
  const traceparent = `00-${TRACE}-${PARENT}-01`;
  const answer = await fetch(`${bridge.origin}/orders`, { headers: { traceparent } });
  expect(answer.status).toBe(200);

  const isIts = ({ traceId }: { readonly traceId: string }) => traceId === TRACE;
  const spans = await store.untilSpans((all) => all.filter(isIts).length >= 7, 'the spans of both tiers');
  expect(treeOf(spans.filter(isIts)).replaceAll(/t[0-9a-f]{8}-/g, '')).toBe(
    [
      'SERVER GET @kafka-http-proxy-proxy (parent elsewhere)',
      '  PRODUCER send requests',
      '    INTERNAL queue requests @kafka-http-proxy-processor',
      '    CONSUMER process requests @kafka-http-proxy-processor',
      '      -> send requests',
      '      CLIENT GET',
      '      PRODUCER send responses',
      '  CONSUMER process responses',
      '    -> send responses',
    ].join('\n'),
  );

  const exemplars = () => allOf(store.bodies('metrics'), 'exemplars').filter(({ traceId }) => traceId === TRACE);
  await store.until(() => exemplars().length > 0, 'an exemplar of a latency');
  const metrics = () => allOf(store.bodies('metrics'), 'metrics').map(({ name }) => name);
  await store.until(() => metrics().includes('proxy_requests_total'), 'metrics of the proxy');
  await store.until(() => metrics().includes('processor_messages_total'), 'metrics of the processor');
  const jobs = allOf(store.bodies('metrics'), 'attributes').filter(({ key }) => key === 'service.name');
  expect(new Set(jobs.map(({ value }) => (value as { stringValue: string }).stringValue))).toEqual(
    new Set(['kafka-http-proxy-proxy', 'kafka-http-proxy-processor']),
  );

  const lines = () => allOf(store.bodies('logs'), 'logRecords').filter(({ traceId }) => traceId === TRACE);
  await store.until(() => lines().length > 0, 'the line of the access log');
  expect(lines()[0]).toMatchObject({
    severityNumber: 9,
    severityText: 'info',
    body: { stringValue: 'access' },
    attributes: expect.arrayContaining([{ key: 'url.path', value: { stringValue: '/orders' } }]) as unknown,
  });
});
