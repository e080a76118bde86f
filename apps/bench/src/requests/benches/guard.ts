import { checked, meets, type Section } from '../../report/outcome.js';
import type { BenchRun } from '../measuring/bench-run.js';
import { atMost, cpuRatioOf, failedOf, perSecond, ratioOf } from '../measuring/compare.js';
import { measureRounds } from '../measuring/measure.js';
import { SMALL, withPair } from '../measuring/pair.js';

const CONNECTIONS = 64;

/**
 * What no change may go beyond: CPU time of both tiers per request over the floor's in the same run. A third
 * above what is reached (docs/performance.md): a busy machine must not fail, a slow change must. So it is judged where the
 * floor was not steady, too: the median of many short rounds stays within a tenth, and else a noisy machine would guard
 * nothing.
 */
const CPU_BOUND = atMost(1.6);

/** A short run that fails where the bridge takes too much CPU. Throughput is told, and judges nothing: it is the machine's. */
export async function measureGuard(run: BenchRun): Promise<Section> {
  const { rounds, seconds } = run.options;
  return await withPair(run, {}, async (pair) => {
    const load = { ...SMALL, connections: CONNECTIONS, seconds };
    const runs = await measureRounds(run, pair, load, { rounds, doing: 'guard' });
    const cpu = cpuRatioOf('CPU per request / floor', runs, CPU_BOUND);
    const failed = failedOf(runs);
    return {
      title: `guard: ${CONNECTIONS} connections`,
      entries: [
        ratioOf('throughput / floor', runs, perSecond),
        cpu,
        checked(`${cpu.name} is kept`, meets({ ...cpu, doubt: null }) === true, cpu.value.toFixed(2)),
        checked('all answered', failed === 0, `${failed} failed`),
      ],
      complaints: pair.bridge.complaints(),
    };
  });
}
