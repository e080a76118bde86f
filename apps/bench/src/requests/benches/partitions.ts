import { checked, type Section } from '../../report/outcome.js';
import type { BenchRun } from '../measuring/bench-run.js';
import { atLeast, cpuRatioOf, failedOf, figureOf, ratioOf } from '../measuring/compare.js';
import { type Load, measureRounds } from '../measuring/measure.js';
import { SMALL, warmUp } from '../measuring/pair.js';
import { openBridge } from '../measuring/subject.js';

const CONNECTIONS = 64;
/** Of the keyed requests: of one key, one runs at a time. */
const KEYS = 1000;

/** What partitions and order cost: three bridges, in turn. */
export async function measurePartitions(run: BenchRun): Promise<Section> {
  const { context, options, backend } = run;
  const { rounds, env } = options;
  const subjects = {
    one: await openBridge(context, { backend, partitions: 1, env }),
    sixteen: await openBridge(context, { backend, partitions: 16, env }),
    keyed: await openBridge(context, { backend, partitions: 16, env, topicKeys: { ordering: 'key' } }),
  };
  const load = (name: keyof typeof subjects): Load => ({
    ...SMALL,
    connections: CONNECTIONS,
    seconds: options.seconds,
    keys: name === 'keyed' ? KEYS : 0,
  });
  await warmUp(run, subjects);
  const runs = await measureRounds(run, subjects, load, { rounds, doing: 'partitions' });
  const complaints = Object.values(subjects).flatMap((subject) => subject.complaints());
  await Promise.all(Object.values(subjects).map((subject) => subject.close()));
  const sixteen = { bridge: runs.sixteen, floor: runs.one };
  const keyed = { bridge: runs.keyed, floor: runs.sixteen };
  const failed = failedOf(runs);
  return {
    title: `partitions: ${CONNECTIONS} connections`,
    entries: [
      figureOf('1 partition: throughput', runs.one, ({ perSecond }) => perSecond, '/s'),
      figureOf('16 partitions: throughput', runs.sixteen, ({ perSecond }) => perSecond, '/s'),
      ratioOf('16 partitions / 1: throughput', sixteen, ({ perSecond }) => perSecond),
      cpuRatioOf('16 partitions / 1: CPU per request', sixteen),
      figureOf('16 partitions, in order by key: throughput', runs.keyed, ({ perSecond }) => perSecond, '/s'),
      ratioOf('in order by key / without: throughput', keyed, ({ perSecond }) => perSecond, atLeast(0.9)),
      cpuRatioOf('in order by key / without: CPU per request', keyed),
      checked('all answered', failed === 0, `${failed} failed`),
    ],
    complaints,
  };
}
