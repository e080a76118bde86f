import { afterEach, describe, expect, inject, it } from 'vitest';
import { type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { freePort } from '../machine/ports.js';
import { type CollectorMode, type OtlpCollector, startOtlpCollector } from '../otlp/collector.js';
import { type Bridge, startBridge } from '../services/bridge.js';

const REQUESTS = 400;
/** Far above what a request takes, and far below what an export waits for a collector that is away (10 s). */
const SLOW_MS = 2000;
const LOST = 'spans could not be exported, and are lost: requests go on without them';

let bridge: Bridge | undefined;
let backend: ScriptedBackend | undefined;
let collector: OtlpCollector | undefined;
afterEach(async () => {
  await bridge?.close();
  await backend?.close();
  await collector?.close();
});

async function open(endpoint: string, env: Readonly<Record<string, string>> = {}): Promise<Bridge> {
  backend = await startBackend();
  bridge = await startBridge({
    broker: inject('broker'),
    backendUrl: backend.url,
    both: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_BSP_SCHEDULE_DELAY: '50', SHUTDOWN_GRACE: '8', ...env },
  });
  return bridge;
}

/** So many requests, a few at once; the longest of them, ms. */
async function longest(origin: string): Promise<number> {
  let most = 0;
  let left = REQUESTS;
  const client = async () => {
    while (left-- > 0) {
      const begunMs = performance.now();
      const response = await fetch(origin);
      await response.arrayBuffer();
      expect(response.status).toBe(200);
      most = Math.max(most, performance.now() - begunMs);
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
  return most;
}

describe.each<[string, CollectorMode | 'down']>([
  ['is not there', 'down'],
  ['never answers', 'hanging'],
  ['answers late', 'slow'],
  ['resets its connections', 'dropping'],
  ['refuses what it gets', 'refusing'],
])('a collector that %s', (_what, mode) => {
  it('makes no request slower, is told once, and holds up no stop', async () => {
    let endpoint = `http://127.0.0.1:${await freePort()}`;
    if (mode !== 'down') {
      collector = await startOtlpCollector({ mode, slowMs: 1500 });
      endpoint = collector.url;
    }
    // A small queue, so that more is lost than can wait.
    const { origin, processor, proxies } = await open(endpoint, {
      OTEL_BSP_MAX_QUEUE_SIZE: '100',
      OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
    });
    expect(await longest(origin)).toBeLessThan(SLOW_MS);
    await collector?.until(() => (collector?.requests.length ?? 0) > 1, 'an export of each tier');
    for (const service of [processor, ...proxies]) {
      const begunMs = performance.now();
      expect(await service.stop()).toBe(0);
      expect(performance.now() - begunMs).toBeLessThan(8000);
      const told = service.log.filter(({ msg }) => msg === LOST);
      expect(told.length).toBeLessThanOrEqual(1);
      // One that only answers late takes what it gets, though not more than can wait for it.
      if (mode !== 'slow') expect(told).toHaveLength(1);
    }
  });
});

it('goes on when the collector is back', async () => {
  collector = await startOtlpCollector({ mode: 'refusing' });
  const { origin } = await open(collector.url, { OTEL_EXPORTER_OTLP_TIMEOUT: '500' });
  await longest(origin);
  collector.mode = 'taking';
  await longest(origin);
  await collector.untilSpans((spans) => spans.length > 100, 'spans');
});

it.each([
  ['http/json', 'application/json'],
  ['http/protobuf', 'application/x-protobuf'],
])('speaks %s where that is asked for, gzipped too', async (protocol, contentType) => {
  collector = await startOtlpCollector();
  const env = { OTEL_EXPORTER_OTLP_PROTOCOL: protocol, OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' };
  const { origin } = await open(collector.url, env);
  await fetch(`${origin}/a`).then((response) => response.arrayBuffer());
  const spans = await collector.untilSpans((all) => all.length >= 7, 'the seven spans');
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  for (const { headers, fault } of collector.requests) {
    expect(fault).toBeNull();
    expect(headers).toMatchObject({ 'content-type': contentType, 'content-encoding': 'gzip' });
  }
});

it('says what is wrong with its variables, once each, and goes on without', async () => {
  const { processor } = await open('http://127.0.0.1:1', {
    OTEL_TRACES_EXPORTER: 'zipkin',
    OTEL_TRACES_SAMPLER: 'sometimes',
  });
  const lines = processor.log.filter(({ msg }) => String(msg).startsWith('OTEL_TRACES_EXPORTER: '));
  expect(lines).toHaveLength(1);
  expect(lines[0]?.msg).toBe(
    'OTEL_TRACES_EXPORTER: otlp, console or none was expected, "zipkin" was found; no traces are made',
  );
});
