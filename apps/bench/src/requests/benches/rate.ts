import type { LoadResult } from '../../load/load-result.js';
import type { Chart } from '../../report/chart.js';
import { checked, type Entry, measured, type Section } from '../../report/outcome.js';
import { type BenchRun, onceSeconds } from '../measuring/bench-run.js';
import { measureRun } from '../measuring/measure.js';
import { SMALL, withPair } from '../measuring/pair.js';

/** Shares of what the bridge does at 64 connections. */
const SHARES = [0.25, 0.5, 0.75];

/** Requests at constant rates, whatever the answers do: an open loop. */
export async function measureRate(run: BenchRun): Promise<Section> {
  const { context, options } = run;
  const seconds = onceSeconds(options);
  return await withPair(run, {}, async (pair) => {
    const { perSecond } = await measureRun(run, pair.bridge, { ...SMALL, connections: 64, seconds });
    const seen: { readonly rate: number; readonly bridge: LoadResult; readonly floor: LoadResult }[] = [];
    const clients = {
      bridge: await context.worker('steady-client', { origin: pair.bridge.origin }),
      floor: await context.worker('steady-client', { origin: pair.floor.origin }),
    };
    for (const share of SHARES) {
      const rate = Math.max(1, Math.round(perSecond * share));
      const ask = async (name: 'bridge' | 'floor') => {
        context.progress.say(`rate: ${rate}/s, ${name}`);
        return await clients[name].call('run', rate, seconds);
      };
      const floor = await ask('floor');
      seen.push({ rate, floor, bridge: await ask('bridge') });
    }
    await Promise.all([clients.bridge.stop(), clients.floor.stop()]);
    const failed = seen.reduce((sum, { bridge }) => sum + bridge.failed, 0);
    return {
      title: 'rate: constant rates, latency from when a request was due',
      entries: [
        ...seen.flatMap(({ rate, bridge, floor }): Entry[] => [
          measured(`${rate}/s: p50`, bridge.p50Ms, 'ms', { note: `floor ${floor.p50Ms.toFixed(1)} ms` }),
          measured(`${rate}/s: p90`, bridge.p90Ms, 'ms', { note: `floor ${floor.p90Ms.toFixed(1)} ms` }),
          measured(`${rate}/s: p99`, bridge.p99Ms, 'ms', { note: `floor ${floor.p99Ms.toFixed(1)} ms` }),
          measured(`${rate}/s: p99.9`, bridge.p999Ms, 'ms', { note: `floor ${floor.p999Ms.toFixed(1)} ms` }),
        ]),
        checked('all answered', failed === 0, `${failed} failed`),
      ],
      charts: [chart(seen)],
      complaints: pair.bridge.complaints(),
    };
  });
}

function chart(
  seen: readonly { readonly rate: number; readonly bridge: LoadResult; readonly floor: LoadResult }[],
): Chart {
  return {
    title: 'Latency at a constant rate',
    x: { label: 'requests/s', values: seen.map(({ rate }) => rate), scale: 'linear' },
    y: { label: 'ms', scale: 'log' },
    series: (['bridge', 'floor'] as const).flatMap((name) => [
      { name: `${name}, p50`, values: seen.map((one) => one[name].p50Ms) },
      { name: `${name}, p99`, values: seen.map((one) => one[name].p99Ms) },
    ]),
  };
}
