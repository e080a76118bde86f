import { checked, meets, type Section } from '../../report/outcome.js';
import type { BenchRun } from '../measuring/bench-run.js';
import { atLeast, atMost, failedOf, ratioOf } from '../measuring/compare.js';
import { measureRounds } from '../measuring/measure.js';
import { SMALL, withPair } from '../measuring/pair.js';

const CONNECTIONS = 64;

/**
 * What no change may go beyond, relative to the floor in the same run. Far from what is reached
 * (docs/performance.md): a slow machine must not fail, a slow change must.
 */
const BOUNDS = { throughput: atLeast(0.5), cpu: atMost(1.9) };

/** A short run that fails where the bridge has become slow. */
export async function measureGuard(run: BenchRun): Promise<Section> {
  const { rounds, seconds } = run.options;
  return await withPair(run, {}, async (pair) => {
    const load = { ...SMALL, connections: CONNECTIONS, seconds };
    const runs = await measureRounds(run, pair, load, { rounds, doing: 'guard' });
    const throughput = ratioOf('throughput / floor', runs, ({ perSecond }) => perSecond, BOUNDS.throughput);
    const cpu = ratioOf('CPU per request / floor', runs, ({ totalCpuMs }) => totalCpuMs, BOUNDS.cpu);
    const failed = failedOf(runs);
    return {
      title: `guard: ${CONNECTIONS} connections`,
      entries: [
        throughput,
        cpu,
        ...[throughput, cpu].map((entry) =>
          checked(`${entry.name} is kept`, meets(entry) === true, `${entry.value.toFixed(2)}`),
        ),
        checked('all answered', failed === 0, `${failed} failed`),
      ],
      complaints: pair.bridge.complaints(),
    };
  });
}
