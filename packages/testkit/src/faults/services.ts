import { setTimeout as pause } from 'node:timers/promises';
import { ID_HEADER } from '../ledger/ledger-backend.js';
import type { ServiceProcess } from '../services/service-process.js';
import { type Arena, CONNECTION_LOST, type Fault, UNNOTICED } from './fault.js';

/** Faults of the two tiers. */
export const SERVICE_FAULTS: readonly Fault[] = [
  {
    ...UNNOTICED,
    name: 'processor: kill -9 of one of two',
    // Its partitions wait until the group misses it; streams that it held are cut.
    codes: ['timeout', 'processor_lost', ...CONNECTION_LOST],
    repeats: true,
    short: true,
    async inject({ world }) {
      await processor(world, 0).stop('SIGKILL');
      await pause(15_000);
      await world.startProcessor(0);
    },
  },
  {
    ...UNNOTICED,
    name: 'processor: kill -9 of the only one, another started',
    processors: 1,
    codes: ['timeout', 'processor_lost', ...CONNECTION_LOST],
    repeats: true,
    maxGapMs: 15_000,
    async inject({ world }) {
      await processor(world, 0).stop('SIGKILL');
      await world.startProcessor(0);
      await answered(world);
    },
  },
  {
    ...UNNOTICED,
    name: 'processor: SIGSTOP of one of two for 15 s',
    codes: ['timeout', 'processor_lost', ...CONNECTION_LOST],
    repeats: true,
    async inject({ world }) {
      await freeze(processor(world, 0), 15_000);
    },
  },
  {
    ...UNNOTICED,
    name: 'processor: scaled 1 → 4 → 1',
    processors: 1,
    async inject({ world }) {
      for (const index of [1, 2, 3]) await world.startProcessor(index);
      await pause(3000);
      for (const index of [1, 2, 3]) await processor(world, index).stop();
    },
  },
  {
    ...UNNOTICED,
    name: 'processor: rolling restart of three',
    processors: 3,
    short: true,
    async inject({ world }) {
      for (const index of [0, 1, 2]) {
        await processor(world, index).stop();
        await world.startProcessor(index);
      }
    },
  },
  {
    ...UNNOTICED,
    name: 'proxy: kill -9 of one of two',
    codes: CONNECTION_LOST,
    short: true,
    async inject({ world }) {
      world.left.add(0);
      await proxy(world, 0).stop('SIGKILL');
      await pause(1000);
      await world.startProxy(0);
    },
  },
  {
    ...UNNOTICED,
    name: 'proxy: SIGSTOP of one of two for 3 s',
    async inject({ world }) {
      await freeze(proxy(world, 0), 3000);
    },
  },
  {
    ...UNNOTICED,
    name: 'proxy: rolling restart of three behind nginx, which is told nothing',
    proxies: 3,
    setting: { nginx: true },
    short: true,
    async inject({ world }) {
      for (const index of [0, 1, 2]) {
        await proxy(world, index).stop();
        await world.startProxy(index);
        // nginx leaves a proxy that failed out for its fail_timeout, 2 s.
        await served(proxy(world, index));
      }
    },
  },
  {
    ...UNNOTICED,
    name: 'clock: processors 5 s ahead',
    setting: { clock: { of: 'processors', aheadSeconds: 5 } },
    inject: () => pause(3000),
  },
  {
    ...UNNOTICED,
    name: 'clock: proxies 5 s ahead',
    setting: { clock: { of: 'proxies', aheadSeconds: 5 } },
    inject: () => pause(3000),
  },
];

function processor({ processors }: Arena['world'], index: number): ServiceProcess {
  return processors[index] as ServiceProcess;
}

function proxy({ proxies }: Arena['world'], index: number): ServiceProcess {
  return proxies[index] as ServiceProcess;
}

/** Resolves when it has had a request. */
async function served(proxy: ServiceProcess): Promise<void> {
  while ((await proxy.metric('proxy_requests_total')) === 0) await pause(50);
}

async function freeze({ child }: ServiceProcess, ms: number): Promise<void> {
  child.kill('SIGSTOP');
  await pause(ms);
  child.kill('SIGCONT');
}

/** Names the requests of {@link answered}. */
export const PROBE_ID = 'probe';

/** Resolves when a request that is made now is answered by the backend. */
export async function answered(world: Arena['world']): Promise<void> {
  for (;;) {
    const response = await fetch(`${world.target()}/read`, { headers: { [ID_HEADER]: PROBE_ID } }).catch(() => null);
    await response?.arrayBuffer().catch(() => undefined);
    if (response?.status === 200) return;
    await pause(100);
  }
}
