import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedBroker } from '@kafka-http-proxy/kafka';
import {
  type Bridge,
  type BridgeOptions,
  type BrokerUnderTest,
  type ScriptedBackend,
  type ServiceProcess,
  startBackend,
  startBridge,
} from '@kafka-http-proxy/testkit';

/** Both tiers on a broker of their own, under a load that goes on whatever happens. */
export interface Stage {
  readonly backend: ScriptedBackend;
  readonly bridge: Bridge;
  /** A folder for files; it is deleted. */
  readonly folder: string;
  /** What is scraped, by its instance; null while it does not run. */
  readonly targets: Map<string, ServiceProcess | null>;
  readonly broker: BrokerUnderTest;
  /** Ends the broker, and what a start uses from then on is another one. */
  changeBroker(): Promise<{ readonly broker: BrokerUnderTest; end(): Promise<void> }>;
  close(): Promise<void>;
}

/** Of the bridge of a {@link Stage}. */
export type StageOptions = Pick<BridgeOptions, 'both' | 'proxy' | 'processor' | 'topicExtras' | 'topicKeys'>;

/** Between two requests, ms. */
const PACE_MS = 50;
/** A client waits no longer, ms. */
const PATIENCE_MS = 15_000;

/** Starts a broker, a backend, a processor, a proxy, and the load. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const broker = await startEmbeddedBroker();
  const backend = await startBackend();
  const folder = await mkdtemp(join(tmpdir(), 'khp-alerts-'));
  const underTest = (one: typeof broker): BrokerUnderTest => ({ kind: 'embedded', ...one });
  const bridge = await startBridge({ broker: underTest(broker), backendUrl: backend.url, ...options });
  const targets = new Map<string, ServiceProcess | null>([
    ['proxy-0', bridge.proxies[0] ?? null],
    ['processor-0', bridge.processor],
  ]);
  const ends = [() => broker.close()];
  const stage: Stage = {
    backend,
    bridge,
    folder,
    targets,
    broker: underTest(broker),
    async changeBroker() {
      const next = await startEmbeddedBroker();
      ends.push(() => next.close());
      return { broker: underTest(next), end: async () => await ends.shift()?.() };
    },
    async close() {
      clearInterval(load);
      await bridge.close();
      await backend.close();
      for (const end of ends) await end();
      await rm(folder, { recursive: true });
    },
  };
  const load = setInterval(() => void ask(stage), PACE_MS);
  return stage;
}

async function ask({ targets }: Stage): Promise<void> {
  const proxy = targets.get('proxy-0');
  if (proxy === null || proxy === undefined) return;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const answer = await fetch(`http://127.0.0.1:${proxy.port}/orders/1`, { signal }).catch(() => null);
  await answer?.arrayBuffer().catch(() => undefined);
}
