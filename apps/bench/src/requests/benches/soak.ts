import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceProcess } from '@kafka-http-proxy/testkit';
import { usage } from '../../harness/process-usage.js';
import { openTarget } from '../../harness/target.js';
import { checked, type Entry, measured, type Section } from '../../report/outcome.js';
import { median } from '../../report/percentiles.js';
import type { BenchRun } from '../measuring/bench-run.js';
import { atMost } from '../measuring/compare.js';
import { PARTITIONS, SMALL } from '../measuring/pair.js';

const CONNECTIONS = 64;
/** Between two looks at a process, s. */
const LOOK_S = 5;
/** How much more at the end than at the beginning is no growth: garbage comes and goes. */
const NO_GROWTH = atMost(1.1);

interface Sample {
  readonly heapMiB: number;
  readonly rssMiB: number;
  readonly handles: number;
}

/** A load for minutes: does anything grow? */
export async function measureSoak(run: BenchRun): Promise<Section> {
  const { context, options, backend, drive } = run;
  const { soakSeconds, env } = options;
  const target = await openTarget(context, { backend, direct: false, partitions: PARTITIONS, env });
  const samples = new Map<string, Sample[]>([...target.services.keys()].map((name) => [name, []]));
  const load = drive({ ...SMALL, url: `${target.origin}/small`, connections: CONNECTIONS, seconds: soakSeconds });
  const looks = Math.floor(soakSeconds / LOOK_S);
  for (let look = 0; look < looks; look++) {
    context.progress.say(`soak: ${look * LOOK_S} of ${soakSeconds} s`);
    await sleep(LOOK_S * 1000);
    for (const [name, service] of target.services) samples.get(name)?.push(await sampleOf(service));
  }
  const { requests, failed, perSecond, p99Ms } = await load;
  const complaints = target.complaints();
  await target.close();
  const values = Array.from({ length: looks }, (_, i) => (i + 1) * LOOK_S);
  return {
    title: `soak: ${CONNECTIONS} connections for ${soakSeconds} s`,
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

/** The last fifth over the second one: in the first, code and caches become warm. */
function growth(name: string, seen: readonly Sample[]): Entry[] {
  const fifth = Math.max(1, Math.floor(seen.length / 5));
  const [early, late] = [seen.slice(fifth, 2 * fifth), seen.slice(-fifth)];
  const middle = (part: readonly Sample[], of: keyof Sample) => median(part.map((sample) => sample[of]));
  return [
    ...(['heapMiB', 'rssMiB', 'handles'] as const).map((of) =>
      measured(`${name}: ${LABELS[of]}, last fifth / second`, middle(late, of) / middle(early, of), 'ratio', {
        target: NO_GROWTH,
        note: `${middle(early, of).toFixed(0)} to ${middle(late, of).toFixed(0)}`,
      }),
    ),
  ];
}

async function sampleOf(service: ServiceProcess): Promise<Sample> {
  return {
    heapMiB: (await service.metric('nodejs_heap_size_used_bytes')) / 1_048_576,
    rssMiB: usage(service.child.pid ?? -1).rssMiB,
    handles: await service.metric('nodejs_active_handles_total'),
  };
}
