import { afterEach, describe, expect, inject, it } from 'vitest';
import { type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { freePort } from '../machine/ports.js';
import { type CollectorMode, type OtlpCollector, startOtlpCollector } from '../otlp/collector.js';
import { type Bridge, startBridge } from '../services/bridge.js';

const REQUESTS = 400;
/** The SDK and all that may wait take less than this, bytes. */
const MOST_BYTES = 60 * 1024 * 1024;
const LOST = 'spans could not be exported, and are lost: requests go on without them';

let bridge: Bridge | undefined;
let untraced: Bridge | undefined;
let backend: ScriptedBackend | undefined;
let collector: OtlpCollector | undefined;
afterEach(async () => {
  await Promise.all([bridge?.close(), untraced?.close()]);
  untraced = undefined;
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

/** So many requests, a few at once; what nine of ten take at most, ms. */
async function load(origin: string): Promise<number> {
  const took: number[] = [];
  let left = REQUESTS;
  const client = async () => {
    while (left-- > 0) {
      const begunMs = performance.now();
      const response = await fetch(origin);
      await response.arrayBuffer();
      expect(response.status).toBe(200);
      took.push(performance.now() - begunMs);
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
  return took.sort((a, b) => a - b)[Math.floor(took.length * 0.9)] as number;
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
    untraced = await startBridge({ broker: inject('broker'), backendUrl: (backend as ScriptedBackend).url });
    // At the same time, so that the machine is the same to both. Who waited for an export would wait a second.
    const [tracedMs, plainMs] = await Promise.all([load(origin), load(untraced.origin)]);
    expect(tracedMs).toBeLessThan(2 * plainMs + 100);
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
  await load(origin);
  collector.mode = 'taking';
  await load(origin);
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

it('one that hangs takes no memory beyond what may wait for it', async () => {
  collector = await startOtlpCollector({ mode: 'hanging' });
  const { origin, processor, proxies } = await open(collector.url);
  untraced = await startBridge({ broker: inject('broker'), backendUrl: (backend as ScriptedBackend).url });
  // More spans than can wait: 8,192 in each tier.
  for (let i = 0; i < 8; i++) await Promise.all([load(origin), load(untraced.origin)]);
  const rss = (service: Bridge['processor']) => service.metric('process_resident_memory_bytes');
  const [proxy] = proxies as [Bridge['processor']];
  const [plainProxy] = untraced.proxies as [Bridge['processor']];
  expect((await rss(proxy)) - (await rss(plainProxy))).toBeLessThan(MOST_BYTES);
  expect((await rss(processor)) - (await rss(untraced.processor))).toBeLessThan(MOST_BYTES);
});

it('writes spans to standard output for OTEL_TRACES_EXPORTER=console', async () => {
  const { origin, processor } = await open('', { OTEL_TRACES_EXPORTER: 'console' });
  let said = '';
  processor.child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await fetch(origin).then((response) => response.arrayBuffer());
  await expect.poll(() => said).toContain("name: 'GET'");
});

it.each<[Record<string, string>, string]>([
  [
    { OTEL_TRACES_EXPORTER: 'zipkin' },
    'OTEL_TRACES_EXPORTER: otlp, console or none was expected, "zipkin" was found; no traces are made',
  ],
  [{ OTEL_TRACES_SAMPLER: 'sometimes' }, 'OTEL_TRACES_SAMPLER: one of always_on, '],
  [
    { OTEL_BSP_MAX_QUEUE_SIZE: '-1' },
    'OTEL_BSP_MAX_QUEUE_SIZE: a number above 0 was expected, "-1" was found; 8192 is used',
  ],
])('says what is wrong with %j, once in each tier, and goes on without', async (env, sentence) => {
  const { processor, proxies, origin } = await open('http://127.0.0.1:1', env);
  expect((await fetch(origin)).status).toBe(200);
  for (const { log } of [processor, ...proxies]) {
    expect(log.filter(({ msg }) => String(msg).startsWith(sentence))).toHaveLength(1);
  }
});
