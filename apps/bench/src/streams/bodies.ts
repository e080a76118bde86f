import type { BenchContext } from '../harness/bench-context.js';
import { createCpuMeter, formatCpu } from '../harness/cpu-meter.js';
import { resetPeak, usage } from '../harness/process-usage.js';
import { openTarget, type Target } from '../harness/target.js';
import type { Worker } from '../harness/worker.js';
import type { Received } from '../load/upload.js';
import { bodySha256 } from '../payload/body.js';
import { checked, type Entry, measured, type Section } from '../report/outcome.js';
import { median } from '../report/percentiles.js';
import { type Copy, floorEntries, httpCopy, megabytesPerSecond, rawRecordCopy, warmBroker } from './copy.js';
import { formatBytes, type StreamsOptions } from './options.js';

type Direction = 'upload' | 'download';
const SHORT: Readonly<Record<Direction, string>> = { upload: 'up', download: 'down' };

const WARM_UP_BYTES = 16 * 1_048_576;
const MAX_RSS_MIB = 200;
const LEAST_OF_FLOOR = 0.7;

interface Transfer {
  readonly megabytesPerSecond: number;
  readonly intact: boolean;
  readonly found: string;
  /** Of each process, what it held at most. */
  readonly peakRssMiB: ReadonlyMap<string, number>;
  readonly cpu: string;
}

/** One long body in each direction through the bridge, each behind a run of the floor. */
export async function measureBodies(context: BenchContext, options: StreamsOptions): Promise<Section> {
  const { size, rounds, direct } = options;
  const backend = await context.worker('backend', {});
  const profile = options.profile === undefined ? undefined : `${options.profile}-bodies`;
  const target = await openTarget(context, {
    backend: await backend.call('origin'),
    direct,
    profile,
    env: options.env,
  });
  const client = await context.worker('body-client', {});
  const sha256 = bodySha256(size);
  const pids = context.withBroker([
    ['client', client.pid],
    ...[...target.services].map(([name, { child }]) => [name, child.pid ?? -1] as const),
    ['backend', backend.pid],
  ]);
  const raw: Copy[] = [];
  const http: Copy[] = [];
  const transfers: Readonly<Record<Direction, Transfer[]>> = { upload: [], download: [] };

  if (!direct) await warmBroker(context);
  for (const direction of ['upload', 'download'] as const) await send(client, target, direction, WARM_UP_BYTES);
  for (let round = 0; round < rounds; round++) {
    for (const direction of ['upload', 'download'] as const) {
      if (!direct) {
        raw.push(await rawRecordCopy(context, size));
        http.push(await httpCopy(context, size));
      }
      context.progress.say(`${formatBytes(size)} ${SHORT[direction]}, round ${round + 1} of ${rounds}`);
      transfers[direction].push(await transfer(client, target, direction, size, sha256, pids));
    }
  }
  const complaints = target.complaints();
  await Promise.all([target.close(), client.stop(), backend.stop()]);
  const floor = direct ? null : median(raw.map((copy) => copy.megabytesPerSecond));
  const httpFloor = direct ? null : median(http.map((copy) => copy.megabytesPerSecond));
  return {
    title: `bodies, ${formatBytes(size)}${direct ? ', direct' : ''}`,
    entries: [
      ...(direct ? [] : floorEntries(raw, http)),
      ...describeDirection('upload', transfers.upload, floor, httpFloor),
      ...describeDirection('download', transfers.download, floor, httpFloor),
    ],
    complaints,
  };
}

async function send(
  client: Worker<'body-client'>,
  { origin }: Target,
  direction: Direction,
  bytes: number,
): Promise<Received> {
  return direction === 'upload' ? await client.call('send', origin, bytes) : await client.call('fetch', origin, bytes);
}

async function transfer(
  client: Worker<'body-client'>,
  target: Target,
  direction: Direction,
  bytes: number,
  sha256: string,
  pids: ReadonlyMap<string, number>,
): Promise<Transfer> {
  for (const pid of pids.values()) resetPeak(pid);
  const meter = createCpuMeter(pids);
  const startedMs = performance.now();
  const received = await send(client, target, direction, bytes).catch((error: Error) => error.message);
  const speed = megabytesPerSecond(bytes, startedMs);
  const intact = typeof received === 'object' && received.bytes === bytes && received.sha256 === sha256;
  return {
    megabytesPerSecond: speed,
    intact,
    found: intact ? sha256.slice(0, 16) : JSON.stringify(received),
    peakRssMiB: new Map([...pids].map(([name, pid]) => [name, usage(pid).peakRssMiB])),
    cpu: formatCpu(meter.used()),
  };
}

function describeDirection(
  direction: Direction,
  transfers: readonly Transfer[],
  floor: number | null,
  httpFloor: number | null,
): Entry[] {
  const name = SHORT[direction];
  const runs = transfers.map((one) => one.megabytesPerSecond);
  const speed = median(runs);
  const peaks = (service: string) => transfers.map(({ peakRssMiB }) => peakRssMiB.get(service) ?? Number.NaN);
  return [
    measured(name, speed, 'MB/s', { runs, note: transfers.at(-1)?.cpu ?? null }),
    ...(floor === null || httpFloor === null
      ? []
      : [
          measured(`${name} / raw record copy`, speed / floor, 'ratio', {
            target: { relation: '>=', value: LEAST_OF_FLOOR },
          }),
          measured(`${name} / HTTP copy`, speed / httpFloor, 'ratio'),
          ...['proxy', 'processor'].map((service) =>
            measured(`${name}: peak RSS of the ${service}`, Math.max(...peaks(service)), 'MiB', {
              target: { relation: '<', value: MAX_RSS_MIB },
            }),
          ),
        ]),
    ...transfers.map(({ intact, found }) => checked(`${name}: SHA-256`, intact, found)),
  ];
}
