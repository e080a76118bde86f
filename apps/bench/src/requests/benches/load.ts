import type { Chart } from '../../report/chart.js';
import { checked, type Entry, type Section, type TargetBound } from '../../report/outcome.js';
import { median } from '../../report/percentiles.js';
import type { BenchRun } from '../measuring/bench-run.js';
import {
  atLeast,
  atMost,
  cpuRatioOf,
  type Figure,
  failedOf,
  figureOf,
  perSecond,
  ratioOf,
  totalCpuMs,
} from '../measuring/compare.js';
import { measureRounds, type Rounds, type Run } from '../measuring/measure.js';
import { type Pair, SMALL, withPair } from '../measuring/pair.js';

type PairRounds = Rounds<keyof Pair>;

/** What issue 15 asks of each number of connections, relative to the floor. */
const TARGETS: Readonly<Record<number, Partial<Record<'throughput' | 'cpu' | 'p50' | 'p99', TargetBound>>>> = {
  1: { p50: atMost(1.1) },
  64: { throughput: atLeast(0.85), cpu: atMost(1.25), p99: atMost(1.2) },
  256: { throughput: atLeast(1) },
};

/** Resident memory of a process at the most connections that are measured, MiB. */
const MAX_RSS = { connections: 256, bound: atMost(150) };

/** A closed loop over more and more connections. */
export async function measureLoad(run: BenchRun): Promise<Section> {
  const { connections: all, rounds, seconds } = run.options;
  return await withPair(run, {}, async (pair) => {
    const byConnections = new Map<number, PairRounds>();
    for (const connections of all) {
      const doing = `load: ${connections} connections`;
      byConnections.set(
        connections,
        await measureRounds(run, pair, { ...SMALL, connections, seconds }, { rounds, doing }),
      );
    }
    return {
      title: 'load: small requests, a closed loop',
      entries: [...byConnections].flatMap(([connections, runs]) => entriesOf(connections, runs)),
      charts: charts(byConnections),
      complaints: pair.bridge.complaints(),
    };
  });
}

function entriesOf(connections: number, runs: PairRounds): Entry[] {
  const at = `${connections} ${connections === 1 ? 'connection' : 'connections'}:`;
  const targets = TARGETS[connections] ?? {};
  const rss = connections === MAX_RSS.connections ? MAX_RSS.bound : null;
  const failed = failedOf(runs);
  return [
    figureOf(`${at} throughput`, runs.bridge, perSecond, '/s'),
    figureOf(`${at} throughput of the floor`, runs.floor, perSecond, '/s'),
    ratioOf(`${at} throughput / floor`, runs, perSecond, targets.throughput),
    ...LATENCIES.flatMap(([name, figure]) => [
      figureOf(`${at} ${name}`, runs.bridge, figure, 'ms'),
      ratioOf(`${at} ${name} / floor`, runs, figure, name === 'p50' || name === 'p99' ? targets[name] : null),
    ]),
    figureOf(`${at} CPU per request`, runs.bridge, totalCpuMs, 'ms'),
    cpuRatioOf(`${at} CPU per request / floor`, runs, targets.cpu),
    ...['proxy', 'processor', 'broker'].map((name) =>
      figureOf(`${at} CPU per request, ${name}`, runs.bridge, ({ cpuMs }) => cpuMs[name] ?? Number.NaN, 'ms'),
    ),
    ...['proxy', 'processor'].map((name) =>
      figureOf(`${at} RSS, ${name}`, runs.bridge, ({ rssMiB }) => rssMiB[name] ?? Number.NaN, 'MiB', rss),
    ),
    checked(`${at} all answered`, failed === 0, `${failed} failed`),
  ];
}

const LATENCIES: readonly (readonly [string, Figure])[] = [
  ['p50', (run) => run.p50Ms],
  ['p90', (run) => run.p90Ms],
  ['p99', (run) => run.p99Ms],
  ['p99.9', (run) => run.p999Ms],
];

function charts(byConnections: ReadonlyMap<number, PairRounds>): Chart[] {
  const x = { label: 'connections', values: [...byConnections.keys()], scale: 'log' } as const;
  const line = (name: keyof Pair, figure: Figure, label: string = name) => ({
    name: label,
    values: [...byConnections.values()].map((runs) => median(runs[name].map(figure))),
  });
  const both = (figure: Figure) => [line('bridge', figure), line('floor', figure)];
  const process = (name: string) => (run: Run) => run.cpuMs[name] ?? Number.NaN;
  return [
    { title: 'Throughput', x, y: { label: 'requests/s', scale: 'linear' }, series: both(perSecond) },
    ...LATENCIES.map(([name, figure]) => ({
      title: `Latency, ${name}`,
      x,
      y: { label: 'ms', scale: 'log' as const },
      series: both(figure),
    })),
    {
      title: 'CPU time per request',
      x,
      y: { label: 'ms', scale: 'linear' },
      series: [
        line('bridge', process('proxy'), 'proxy'),
        line('bridge', process('processor'), 'processor'),
        line('bridge', process('broker'), 'broker'),
        line('floor', process('proxy'), 'floor: proxy'),
        line('floor', process('processor'), 'floor: processor'),
      ],
    },
  ];
}
