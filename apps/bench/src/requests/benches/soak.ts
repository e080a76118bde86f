import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceProcess } from '@kafka-http-proxy/testkit';
import { usage } from '../../harness/process-usage.js';
import { openTarget } from '../../harness/target.js';
import { checked, type Entry, measured, type Section } from '../../report/outcome.js';
import { growthOf } from '../../report/trend.js';
import { type BenchRun, onceSeconds } from '../measuring/bench-run.js';
import { atMost } from '../measuring/compare.js';
import { PARTITIONS, SMALL } from '../measuring/pair.js';

const CONNECTIONS = 64;
/** Between two looks at a process, s. */
const LOOK_S = 5;
/** Of what was measured right before. */
const SHARE = 0.7;
/** What is no growth: garbage comes and goes. */
const NO_GROWTH = atMost(0.1);

interface Sample {
  readonly heapMiB: number;
  readonly rssMiB: number;
  readonly handles: number;
}

/** A constant rate for minutes, at a share of what it can do: does anything grow? */
export async function measureSoak(run: BenchRun): Promise<Section> {
  const { context, options, backend, drive } = run;
  const { soakSeconds, warmUpSeconds, env } = options;
  const target = await openTarget(context, { backend, direct: false, partitions: PARTITIONS, env });
  const samples = new Map<string, Sample[]>([...target.services.keys()].map((name) => [name, []]));
  const closed = { ...SMALL, url: `${target.origin}/small`, connections: CONNECTIONS };
  context.progress.say('soak: warming up');
  await drive({ ...closed, seconds: warmUpSeconds });
  context.progress.say('soak: measuring what it can do');
  // By a client in Node, as the one at a constant rate is: wrk leaves more of the machine to what is measured.
  const measuring = await context.worker('closed-client', {});
  const { perSecond: most } = await measuring.call('run', { ...closed, seconds: onceSeconds(options) });
  await measuring.stop();
  const rate = Math.max(1, Math.round(most * SHARE));
  const client = await context.worker('steady-client', { origin: target.origin });
  const load = client.call('run', rate, soakSeconds);
  const looks = Math.floor(soakSeconds / LOOK_S);
  for (let look = 0; look < looks; look++) {
    context.progress.say(`soak: ${look * LOOK_S} of ${soakSeconds} s`);
    await sleep(LOOK_S * 1000);
    for (const [name, service] of target.services) samples.get(name)?.push(await sampleOf(service));
  }
  const { requests, failed, perSecond, p99Ms } = await load;
  await client.stop();
  const complaints = target.complaints();
  await target.close();
  const values = Array.from({ length: looks }, (_, i) => (i + 1) * LOOK_S);
  return {
    title: `soak: ${rate}/s, ${SHARE * 100} % of what ${CONNECTIONS} connections do, for ${soakSeconds} s`,
    entries: [
      measured('requests', requests, 'count'),
      measured('throughput', perSecond, '/s'),
      measured('p99', p99Ms, 'ms'),
      ...[...samples].flatMap(([name, seen]) => growth(name, seen)),
      checked('all answered', failed === 0, `${failed} failed`),
    ],
    charts: (['heapMiB', 'rssMiB', 'handles'] as const).map((figure) => ({
      title: `Soak: ${LABELS[figure]}`,
      x: { label: 's', values, scale: 'linear' as const },
      y: { label: LABELS[figure], scale: 'linear' as const },
      series: [...samples].map(([name, seen]) => ({ name, values: seen.map((sample) => sample[figure]) })),
    })),
    complaints,
  };
}

const LABELS = { heapMiB: 'heap in use, MiB', rssMiB: 'RSS, MiB', handles: 'handles' };

/** Of the last two thirds: in the first, code and caches become warm. */
function growth(name: string, seen: readonly Sample[]): Entry[] {
  const late = seen.slice(Math.floor(seen.length / 3));
  return (['heapMiB', 'rssMiB', 'handles'] as const).map((of) => {
    const values = late.map((sample) => sample[of]);
    return measured(`${name}: ${LABELS[of]}, growth`, growthOf(values), 'ratio', {
      target: NO_GROWTH,
      note: `${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)}, over the last two thirds`,
    });
  });
}

async function sampleOf(service: ServiceProcess): Promise<Sample> {
  return {
    heapMiB: (await service.metric('nodejs_heap_size_used_bytes')) / 1_048_576,
    rssMiB: usage(service.child.pid ?? -1).rssMiB,
    handles: await service.metric('nodejs_active_handles_total'),
  };
}
