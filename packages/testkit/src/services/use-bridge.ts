import { afterAll, beforeAll, inject } from 'vitest';
import { type Bridge, type BridgeOptions, startBridge } from './bridge.js';
import type { ServiceProcess } from './service-process.js';

/** What {@link useBridge} has started; to be read in tests and hooks only. */
export interface Stage<Backend> {
  readonly backend: Backend;
  readonly bridge: Bridge;
  /** The first proxy. */
  readonly proxy: ServiceProcess;
  /** Its HTTP port. */
  readonly port: number;
}

/** A backend that a bridge can lead to. */
export interface ClosableBackend {
  readonly url: string;
  close(): Promise<void>;
}

/** What {@link useBridge} starts. */
export interface UseBridgeOptions<Backend> extends Omit<BridgeOptions, 'broker' | 'backendUrl'> {
  /** Starts the backend. */
  readonly backend: () => Promise<Backend>;
}

/**
 * Starts a backend and a bridge to it before the tests of the suite that calls this, on the broker of the run, and
 * ends both after them.
 *
 * @example
 * const stage = useBridge({ backend: startBackend, both: { STREAM_IDLE_TIMEOUT: '3' } });
 * it('answers', async () => expect((await fetch(stage.bridge.origin)).status).toBe(200));
 */
export function useBridge<Backend extends ClosableBackend>(options: UseBridgeOptions<Backend>): Stage<Backend> {
  const { backend: start, ...rest } = options;
  let backend: Backend | undefined;
  let bridge: Bridge | undefined;
  beforeAll(async () => {
    backend = await start();
    bridge = await startBridge({ broker: inject('broker'), backendUrl: backend.url, ...rest });
  });
  afterAll(async () => {
    await bridge?.close();
    await backend?.close();
  });
  const proxy = () => started(started(bridge).proxies[0]);
  return {
    get backend() {
      return started(backend);
    },
    get bridge() {
      return started(bridge);
    },
    get proxy() {
      return proxy();
    },
    get port() {
      return started(proxy().port);
    },
  };
}

/** @throws {Error} when it is read before the hooks have run */
function started<T>(one: T | undefined): T {
  if (one === undefined) throw new Error('what useBridge starts is there in tests and hooks only');
  return one;
}
