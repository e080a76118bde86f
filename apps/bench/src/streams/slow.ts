import { setTimeout as pause } from 'node:timers/promises';
import type { BenchContext } from '../harness/bench-context.js';
import { resetPeak, usage } from '../harness/process-usage.js';
import { openTarget, type Target } from '../harness/target.js';
import type { LoadResult } from '../load/load-result.js';
import { checked, type Entry, measured, type Section } from '../report/outcome.js';
import { warmBroker } from './copy.js';
import { formatBytes, type StreamsOptions } from './options.js';

const LONG_BYTES = 100 * 1_000_000;
const BYTES_PER_SECOND = 1024;
const WARM_UP_SECONDS = 5;
const FILLING_SECONDS = 2;
const REQUESTS_PER_SECOND = 100;
/** How long the backend may take to learn that its client is gone, ms. */
const ABORT_MS = 5000;
/** What may be on its way to a client that does not read: windows, sockets' buffers of two hops and more. */
const HELD_BYTES = 32 * 1_000_000;

/** Small requests at a constant rate, alone and beside somebody who reads a long reply slowly. */
export async function measureSlowReader(context: BenchContext, options: StreamsOptions): Promise<Section> {
  const { direct } = options;
  const seconds = Math.max(1, Math.round(options.seconds / 2));
  const backend = await context.worker('backend', {});
  const profile = options.profile === undefined ? undefined : `${options.profile}-slow`;
  if (!direct) await warmBroker(context);
  const target = await openTarget(context, {
    backend: await backend.call('origin'),
    direct,
    profile,
    env: options.env,
  });
  const steady = await context.worker('steady-client', { origin: target.origin });
  const slow = await context.worker('slow-reader', { bytesPerSecond: BYTES_PER_SECOND });
  const run = async (doing: string, forSeconds = seconds): Promise<{ seen: LoadResult; memory: Entry[] }> => {
    context.progress.say(`${REQUESTS_PER_SECOND} requests/s ${doing}`);
    for (const { child } of target.services.values()) resetPeak(child.pid ?? -1);
    const seen = await steady.call('run', REQUESTS_PER_SECOND, forSeconds);
    return { seen, memory: peaks(target, doing) };
  };

  await steady.call('run', REQUESTS_PER_SECOND, WARM_UP_SECONDS);
  const alone = await run('alone');
  await slow.call('open', `${target.origin}/download?bytes=${LONG_BYTES}`);
  // What it has not read fills windows and sockets' buffers first, at full speed.
  const filling = await run('as it begins', FILLING_SECONDS);
  const beside = await run('beside it');
  const { readBytes, open } = await slow.call('state');
  const { written } = await backend.call('lastDownload');
  await slow.call('leave');
  const leftMs = performance.now();
  let aborted = false;
  while (!aborted && performance.now() - leftMs < ABORT_MS) {
    await pause(20);
    aborted = (await backend.call('lastDownload')).state === 'aborted';
  }
  const abortedAfterMs = performance.now() - leftMs;
  const complaints = target.complaints();
  await Promise.all([target.close(), steady.stop(), slow.stop(), backend.stop()]);

  const failed = alone.seen.failed + filling.seen.failed + beside.seen.failed;
  return {
    title: `slow reader of ${LONG_BYTES / 1_000_000} MB at 1 KB/s${direct ? ', direct' : ''}`,
    entries: [
      ...latencyEntries('alone', alone.seen),
      ...latencyEntries('as it begins', filling.seen),
      ...latencyEntries('beside it', beside.seen),
      ...alone.memory,
      ...beside.memory,
      measured('backend call ends after it left', abortedAfterMs, 'ms'),
      checked('small requests answered', failed === 0, `${failed} failed`),
      checked('slow reader is served', open && readBytes > 0, formatBytes(readBytes)),
      checked('its backend is held back', written < HELD_BYTES, `${(written / 1_000_000).toFixed(1)} MB sent`),
      checked('its backend call is ended', aborted, aborted ? '' : `not within ${ABORT_MS} ms`),
    ],
    complaints,
  };
}

function latencyEntries(doing: string, { p50Ms, p99Ms, maxMs }: LoadResult): Entry[] {
  return [
    measured(`small requests ${doing}, p50`, p50Ms, 'ms'),
    measured(`small requests ${doing}, p99`, p99Ms, 'ms', { note: `max ${maxMs.toFixed(1)} ms` }),
  ];
}

function peaks(target: Target, doing: string): Entry[] {
  return [...target.services].map(([name, { child }]) =>
    measured(`peak RSS of the ${name} ${doing}`, usage(child.pid ?? -1).peakRssMiB, 'MiB'),
  );
}
