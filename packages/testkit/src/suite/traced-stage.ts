import { afterAll, beforeAll, beforeEach, inject } from 'vitest';
import { type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { type OtlpCollector, startOtlpCollector } from '../otlp/collector.js';
import type { ReceivedSpan } from '../otlp/span.js';
import { type Bridge, type BridgeOptions, startBridge } from '../services/bridge.js';

/** A bridge whose tiers send their spans to the test. */
export interface TracedStage {
  readonly collector: OtlpCollector;
  readonly backend: ScriptedBackend;
  readonly bridge: Bridge;
  readonly port: number;
  /** The value of a field, as the backend got it last. */
  atBackend(name: string): string | undefined;
}

/** So soon are spans sent, ms. */
const SOON = { OTEL_BSP_SCHEDULE_DELAY: '50' };

/** Starts all of it before the tests of the suite, and ends it after them; each test begins with no span. */
export function useTracedBridge(
  options: Omit<BridgeOptions, 'broker' | 'backendUrl'> = {},
  start: () => Promise<ScriptedBackend> = startBackend,
): TracedStage {
  let collector: OtlpCollector | undefined;
  let backend: ScriptedBackend | undefined;
  let bridge: Bridge | undefined;
  beforeAll(async () => {
    collector = await startOtlpCollector();
    backend = await start();
    const both = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...SOON, ...options.both };
    bridge = await startBridge({ ...options, broker: inject('broker'), backendUrl: backend.url, both });
  });
  beforeEach(() => collector?.clear());
  afterAll(async () => {
    await bridge?.close();
    await backend?.close();
    await collector?.close();
  });
  return {
    get collector() {
      return collector as OtlpCollector;
    },
    get backend() {
      return backend as ScriptedBackend;
    },
    get bridge() {
      return bridge as Bridge;
    },
    get port() {
      return (bridge as Bridge).proxies[0]?.port as number;
    },
    atBackend(name) {
      const raw = backend?.received.at(-1)?.rawHeaders ?? [];
      return raw.find((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === name);
    },
  };
}

/** True once all these spans are there, by kind and the first word of their name. */
export function has(...wanted: readonly string[]): (spans: readonly ReceivedSpan[]) => boolean {
  return (spans) => {
    const left = spans.map(({ kind, name }) => `${kind} ${name.split(' ')[0]}`);
    return wanted.every((one) => {
      const at = left.indexOf(one);
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    });
  };
}

/** The spans of a request that is answered at once: both tiers, both ways. */
export const ROUND_TRIP = [
  'PRODUCER send',
  'INTERNAL queue',
  'CONSUMER process',
  'PRODUCER send',
  'CONSUMER process',
] as const;
