import type { BenchContext } from '../harness/bench-context.js';
import { createCpuMeter, formatCpu } from '../harness/cpu-meter.js';
import { usage } from '../harness/process-usage.js';
import { openTarget } from '../harness/target.js';
import { checked, measured, type Section } from '../report/outcome.js';
import { warmBroker } from './copy.js';
import type { StreamsOptions } from './options.js';

const MAX_P99_MS = 50;
/** Events of the first seconds meet code that is not compiled yet: they are checked, their time is not counted. */
const WARM_UP_SECONDS = 5;

/** Many streams of server-sent events at once. */
export async function measureEvents(context: BenchContext, options: StreamsOptions): Promise<Section> {
  const { streams, rate, seconds, direct } = options;
  const each = rate * (seconds + WARM_UP_SECONDS);
  const backend = await context.worker('backend', {});
  const profile = options.profile === undefined ? undefined : `${options.profile}-sse`;
  if (!direct) await warmBroker(context);
  const target = await openTarget(context, {
    backend: await backend.call('origin'),
    direct,
    profile,
    env: options.env,
  });
  const client = await context.worker('event-client', { origin: target.origin });

  context.progress.say(`opening ${streams} streams`);
  const openedMs = performance.now();
  const { refused } = await client.call('connect', streams, each, rate * WARM_UP_SECONDS);
  const openingSeconds = (performance.now() - openedMs) / 1000;
  const atBackend = await backend.call('openEventStreams');

  context.progress.say(`${streams} streams at ${rate} events/s for ${seconds} s`);
  const services = [...target.services].map(([name, { child }]) => [name, child.pid ?? -1] as const);
  const meter = createCpuMeter(context.withBroker([['client', client.pid], ...services, ['backend', backend.pid]]));
  const [{ latestMs }, seen] = await Promise.all([
    backend.call('runEvents', { perSecond: rate, seconds: seconds + WARM_UP_SECONDS }),
    client.call('seen'),
  ]);
  const cpu = formatCpu(meter.used());
  const memory = services.map(([name, pid]) => measured(`peak RSS of the ${name}`, usage(pid).peakRssMiB, 'MiB'));
  const complaints = target.complaints();
  await Promise.all([target.close(), client.stop(), backend.stop()]);

  const { latency } = seen;
  const expected = streams * each;
  return {
    title: `${streams} event streams at ${rate}/s, ${seconds} s${direct ? ', direct' : ''}`,
    entries: [
      measured('event latency p50', latency.p50Ms, 'ms', { note: cpu }),
      measured('event latency p99', latency.p99Ms, 'ms', { target: { relation: '<', value: MAX_P99_MS } }),
      measured('event latency max', latency.maxMs, 'ms', {
        note: `the backend was ${latestMs.toFixed(1)} ms late at worst`,
      }),
      measured('opening all', openingSeconds, 's'),
      ...memory,
      checked('all streams opened', refused === 0 && atBackend === streams, `${streams - refused} of ${streams}`),
      checked('none lost', seen.lost === 0 && seen.received === expected, `${seen.lost} of ${expected}`),
      checked('none doubled', seen.doubled === 0, String(seen.doubled)),
      checked('none out of order', seen.outOfOrder === 0, String(seen.outOfOrder)),
      checked('no stream cut', seen.cut === 0 && seen.garbled === 0, `${seen.cut} cut, ${seen.garbled} garbled`),
    ],
    complaints,
  };
}
