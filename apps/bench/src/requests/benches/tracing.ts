import { checked, type Entry, type Section } from '../../report/outcome.js';
import type { BenchRun } from '../measuring/bench-run.js';
import { atMost, cpuRatioOf, failedOf, figureOf, perSecond, ratioOf, totalCpuMs } from '../measuring/compare.js';
import { measureRounds, type Rounds } from '../measuring/measure.js';
import { PARTITIONS, SMALL, warmUp } from '../measuring/pair.js';
import { openBridge, type Subject } from '../measuring/subject.js';

const CONNECTIONS = 64;

/** What issue 17 asks of each share of sampled requests, over tracing that is off. */
const SHARES = [
  // What this bench sees where there is nothing to see.
  { name: 'off again', share: null, bound: null },
  { name: '1 %', share: 0.01, bound: atMost(1.03) },
  { name: '100 %', share: 1, bound: atMost(1.15) },
] as const;
type Name = 'off' | (typeof SHARES)[number]['name'];

/** CPU time of both tiers with more and more requests traced, each beside one that traces none. */
export async function measureTracing(run: BenchRun): Promise<Section> {
  const { context, backend } = run;
  const { env, profile, rounds, seconds } = run.options;
  const sink = await context.worker('trace-sink', {});
  const endpoint = await sink.call('origin');
  const open = (share: number | null) =>
    openBridge(context, {
      backend,
      partitions: PARTITIONS,
      profile: profile && `${profile}-${share ?? 'off'}`,
      env: { ...env, ...(share !== null && tracingEnv(endpoint, share)) },
    });
  const subjects = { off: await open(null) } as Record<Name, Subject>;
  for (const { name, share } of SHARES) subjects[name] = await open(share);
  try {
    await warmUp(run, subjects);
    await sink.call('took');
    const load = { ...SMALL, connections: CONNECTIONS, seconds };
    const runs = await measureRounds(run, subjects, load, { rounds, doing: 'tracing' });
    const kibibytes = (await sink.call('took')) / 1024;
    const failed = failedOf(runs);
    return {
      title: `tracing: ${CONNECTIONS} connections`,
      entries: [
        figureOf('off: CPU per request', runs.off, totalCpuMs, 'ms'),
        ...SHARES.flatMap((share) => entriesOf(share, runs)),
        checked('spans were exported', kibibytes > 0, `${Math.round(kibibytes)} KiB`),
        checked('all answered', failed === 0, `${failed} failed`),
      ],
      complaints: Object.values(subjects).flatMap((subject) => subject.complaints()),
    };
  } finally {
    await Promise.all(Object.values(subjects).map((subject) => subject.close()));
  }
}

function entriesOf({ name, bound }: (typeof SHARES)[number], runs: Rounds<Name>): Entry[] {
  const beside = { bridge: runs[name], floor: runs.off };
  return [
    cpuRatioOf(`${name}: CPU per request / off`, beside, bound),
    ...['proxy', 'processor'].map((tier) =>
      ratioOf(`${name}: CPU per request / off, ${tier}`, beside, ({ cpuMs }) => cpuMs[tier] ?? Number.NaN),
    ),
    ratioOf(`${name}: throughput / off`, beside, perSecond),
    ratioOf(`${name}: p50 / off`, beside, ({ p50Ms }) => p50Ms),
  ];
}

function tracingEnv(endpoint: string, share: number): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: String(share),
  };
}
