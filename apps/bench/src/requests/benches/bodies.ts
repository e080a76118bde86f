import { checked, type Entry, type Section } from '../../report/outcome.js';
import { type BenchRun, BODY_SIZES } from '../measuring/bench-run.js';
import { cpuRatioOf, failedOf, figureOf, ratioOf } from '../measuring/compare.js';
import { measureRounds } from '../measuring/measure.js';
import { withPair } from '../measuring/pair.js';

const CONNECTIONS = 16;

/** A body there and the same length back, each in one record. */
export async function measureBodies(run: BenchRun): Promise<Section> {
  const { rounds, seconds } = run.options;
  return await withPair(run, {}, async (pair) => {
    const entries: Entry[] = [];
    for (const bodyBytes of BODY_SIZES) {
      const load = {
        target: `/bytes/${bodyBytes}`,
        connections: CONNECTIONS,
        seconds,
        bodyBytes,
        keys: 0,
      };
      const at = `${bodyBytes} bytes:`;
      const runs = await measureRounds(run, pair, load, { rounds, doing: `bodies: ${bodyBytes} bytes` });
      const failed = failedOf(runs);
      entries.push(
        figureOf(`${at} throughput`, runs.bridge, ({ perSecond }) => perSecond, '/s'),
        ratioOf(`${at} throughput / floor`, runs, ({ perSecond }) => perSecond),
        figureOf(`${at} p50`, runs.bridge, ({ p50Ms }) => p50Ms, 'ms'),
        figureOf(`${at} p99`, runs.bridge, ({ p99Ms }) => p99Ms, 'ms'),
        cpuRatioOf(`${at} CPU per request / floor`, runs),
        checked(`${at} all answered`, failed === 0, `${failed} failed`),
      );
    }
    return {
      title: `bodies: there and back, ${CONNECTIONS} connections`,
      entries,
      complaints: pair.bridge.complaints(),
    };
  });
}
