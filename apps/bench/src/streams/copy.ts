import type { BenchContext } from '../harness/bench-context.js';
import { createCpuMeter, formatCpu } from '../harness/cpu-meter.js';
import { createTopics, deleteTopics, freshName } from '../harness/topics.js';
import { bodySha256 } from '../payload/body.js';
import { checked, type Entry, measured, type Section } from '../report/outcome.js';
import { median } from '../report/percentiles.js';
import { formatBytes, type StreamsOptions } from './options.js';

/** Bytes that go ahead of what is measured: connections, metadata, warm code. */
const WARM_UP_BYTES = 16 * 1_048_576;

const WARM_BROKER_BYTES = 1_073_741_824;

export interface Copy {
  readonly megabytesPerSecond: number;
  readonly cpu: string;
  readonly check: Entry | null;
}

export function megabytesPerSecond(bytes: number, startedMs: number): number {
  return bytes / 1000 / (performance.now() - startedMs);
}

/** The floor: one process writes records to a topic of one partition, another one reads them. */
export async function rawRecordCopy(context: BenchContext, bytes: number): Promise<Copy> {
  context.progress.say(`floor: raw record copy of ${formatBytes(bytes)}`);
  const broker = await context.broker();
  const topic = `${freshName()}-copy`;
  await createTopics(broker, [topic]);
  const writer = await context.worker('record-writer', { broker, topic });
  const reader = await context.worker('record-reader', { broker, topic });
  const copy = async (size: number): Promise<void> => {
    const read = reader.call('expect', size);
    await Promise.all([writer.call('write', size), read]);
  };
  await copy(WARM_UP_BYTES);
  const pids = context.withBroker([
    ['writer', writer.pid],
    ['reader', reader.pid],
  ]);
  const meter = createCpuMeter(pids);
  const startedMs = performance.now();
  await copy(bytes);
  const speed = megabytesPerSecond(bytes, startedMs);
  const cpu = formatCpu(meter.used());
  await Promise.all([writer.stop(), reader.stop()]);
  await deleteTopics(broker, [topic]);
  return { megabytesPerSecond: speed, cpu, check: null };
}

/** The floor of a bridge: the same, with a request before it and one behind it. */
export async function httpCopy(context: BenchContext, bytes: number): Promise<Copy> {
  context.progress.say(`floor: HTTP copy of ${formatBytes(bytes)}`);
  const broker = await context.broker();
  const topic = `${freshName()}-copy`;
  await createTopics(broker, [topic]);
  const backend = await context.worker('backend', {});
  const sink = await context.worker('kafka-to-http', { broker, topic, backend: await backend.call('origin') });
  const source = await context.worker('http-to-kafka', { broker, topic });
  const client = await context.worker('body-client', {});
  const origin = await source.call('origin');
  const copy = async (size: number) => {
    const [, received] = await Promise.all([client.call('send', origin, size), sink.call('next')]);
    return received;
  };
  await copy(WARM_UP_BYTES);
  const pids = context.withBroker([
    ['client', client.pid],
    ['source', source.pid],
    ['sink', sink.pid],
    ['backend', backend.pid],
  ]);
  const meter = createCpuMeter(pids);
  const startedMs = performance.now();
  const { sha256 } = await copy(bytes);
  const speed = megabytesPerSecond(bytes, startedMs);
  const cpu = formatCpu(meter.used());
  await Promise.all([backend, sink, source, client].map((worker) => worker.stop()));
  await deleteTopics(broker, [topic]);
  return { megabytesPerSecond: speed, cpu, check: checked('HTTP copy: SHA-256', sha256 === bodySha256(bytes), '') };
}

const warm = new WeakSet<BenchContext>();

/** A broker that was just started is several times slower than one whose code is compiled: the first copy does not count. */
export async function warmBroker(context: BenchContext): Promise<void> {
  if (warm.has(context)) return;
  warm.add(context);
  await rawRecordCopy(context, WARM_BROKER_BYTES);
}

/** The floors alone. */
export async function measureCopy(context: BenchContext, { size, rounds }: StreamsOptions): Promise<Section> {
  const raw: Copy[] = [];
  const http: Copy[] = [];
  await warmBroker(context);
  for (let round = 0; round < rounds; round++) {
    raw.push(await rawRecordCopy(context, size));
    http.push(await httpCopy(context, size));
  }
  return { title: `floor, ${formatBytes(size)}`, entries: floorEntries(raw, http) };
}

export function floorEntries(raw: readonly Copy[], http: readonly Copy[]): Entry[] {
  const speeds = (copies: readonly Copy[]) => copies.map((copy) => copy.megabytesPerSecond);
  return [
    measured('floor: raw record copy', median(speeds(raw)), 'MB/s', {
      runs: speeds(raw),
      note: raw.at(-1)?.cpu ?? null,
    }),
    measured('floor: HTTP copy', median(speeds(http)), 'MB/s', { runs: speeds(http), note: http.at(-1)?.cpu ?? null }),
    ...http.flatMap(({ check }) => (check === null ? [] : [check])),
  ];
}
