import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, type ServiceProcess, startService } from '@kafka-http-proxy/testkit';
import { usage } from '../../harness/process-usage.js';
import type { Chart } from '../../report/chart.js';
import { type Entry, measured, type Section } from '../../report/outcome.js';
import type { BenchRun } from '../measuring/bench-run.js';
import { atLeast, atMost } from '../measuring/compare.js';
import { createServiceTopics } from '../measuring/service-topics.js';

/** As good as none: what a processor does beside it is the figure without a backlog. */
const SHARE_OF_SMALL = 1 / 20;
/** Between two looks at the processor, ms. */
const LOOK_MS = 1000;
/** Expired so long before that nobody is told. */
const EXPIRED_MS = 3_600_000;

/** How a backlog was worked off. */
interface Drain {
  /** Records done a second, from the first to the last. */
  readonly perSecond: number;
  readonly peakRssMiB: number;
  /** Records done in each second, for a chart. */
  readonly bySecond: readonly number[];
}

/** A processor that comes back to a long queue: does it take longer for a record than with a short one? */
export async function measureBacklog(run: BenchRun): Promise<Section> {
  const count = run.options.backlog;
  const small = Math.ceil(count * SHARE_OF_SMALL);
  const entries: Entry[] = [];
  const charts: Chart[] = [];
  for (const kind of ['worked off', 'skipped'] as const) {
    const short = await drain(run, small, kind);
    const long = await drain(run, count, kind);
    entries.push(
      measured(`${small} ${kind}`, short.perSecond, '/s'),
      measured(`${count} ${kind}`, long.perSecond, '/s'),
      measured(`${count} / ${small}, ${kind}`, long.perSecond / short.perSecond, 'ratio', { target: atLeast(0.95) }),
      measured(`peak RSS of the processor, ${count} ${kind}`, long.peakRssMiB, 'MiB', { target: atMost(300) }),
    );
    charts.push({
      title: `A backlog ${kind}`,
      x: { label: 's', values: long.bySecond.map((_, i) => i + 1), scale: 'linear' },
      y: { label: 'records/s', scale: 'linear' },
      series: [{ name: kind, values: [...long.bySecond] }],
    });
  }
  return { title: `backlog: ${count} records that wait for a processor`, entries, charts };
}

async function drain(run: BenchRun, count: number, kind: 'worked off' | 'skipped'): Promise<Drain> {
  const { context, options, backend } = run;
  const broker = await context.broker();
  const topics = await createServiceTopics(broker, backend);
  context.progress.say(`backlog: writing ${count} records`);
  const writer = await context.worker('backlog-writer', { broker });
  const deadlineMs = Date.now() + (kind === 'skipped' ? -EXPIRED_MS : EXPIRED_MS);
  await writer.call('write', topics.requests, topics.responses, count, deadlineMs);
  await writer.stop();

  const dir = await mkdtemp(join(tmpdir(), 'khp-bench-'));
  const managementPort = await freePort();
  const processor = await startService('processor', {
    env: {
      ...topics.env.processor,
      HEALTH_CHECK_INTERVAL: '0',
      MANAGEMENT_PORT: String(managementPort),
      ...options.env,
    },
    managementPort,
    // A line for each that has expired: to read them here would slow what is measured.
    logFile: join(dir, 'processor.log'),
  });
  context.cleanup.add(async () => void (await processor.stop()));
  const done = await watch(processor, count, (soFar) => context.progress.say(`backlog: ${soFar} of ${count} ${kind}`));
  const peakRssMiB = usage(processor.child.pid ?? -1).peakRssMiB;
  await processor.stop();
  await rm(dir, { recursive: true });
  await topics.remove();
  return { ...done, peakRssMiB };
}

/** Looks on until all are done. */
async function watch(
  processor: ServiceProcess,
  count: number,
  tell: (done: number) => void,
): Promise<Omit<Drain, 'peakRssMiB'>> {
  const bySecond: number[] = [];
  let first: { readonly atMs: number; readonly done: number } | null = null;
  let last = 0;
  for (;;) {
    const done = await processor.metric('processor_messages_total');
    const atMs = performance.now();
    tell(done);
    if (first === null && done > 0) first = { atMs, done };
    else if (first !== null) bySecond.push(done - last);
    last = done;
    if (done >= count && first !== null) {
      const seconds = (atMs - first.atMs) / 1000;
      return { perSecond: (done - first.done) / seconds, bySecond };
    }
    await sleep(LOOK_MS);
  }
}
