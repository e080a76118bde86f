import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceProcess } from '@kafka-http-proxy/testkit';
import type { BenchContext } from '../harness/bench-context.js';
import { openTarget, type Target } from '../harness/target.js';
import type { StreamVerdict } from '../load/numbered-client.js';
import type { Verdict } from '../payload/numbered.js';
import { wallClockMs } from '../payload/wall-clock.js';
import { checked, measured, type Section } from '../report/outcome.js';
import type { StreamsOptions } from './options.js';

const IDLE_SECONDS = 5;
const PARTITIONS = 8;
/** Between two streams that are opened: longer than the time for which a producer without keys stays with a partition. */
const GAP_MS = 20;
const KILL_AFTER_MS = 2000;
/** From opening a stream, ms: it takes ten seconds, and is cut within the idle timeout otherwise. */
const LIMIT_MS = 40_000;
const SETTLE_MS = 30_000;

/** One of two processors is killed while replies stream; without a bridge, one of two backends. */
export async function measureKill(context: BenchContext, options: StreamsOptions): Promise<Section> {
  const streams = Math.max(2, Math.round(options.streams / 5));
  const client = await context.worker('numbered-client', {});
  const { origins, kill, target, backends } = options.direct
    ? await twoBackends(context)
    : await twoProcessors(context, options);

  context.progress.say(`opening ${streams} streams`);
  await client.call('open', origins, streams, GAP_MS, LIMIT_MS);
  await pause(KILL_AFTER_MS);
  context.progress.say('killed one; the streams go on');
  const killedMs = wallClockMs();
  await kill();
  const verdicts = await client.call('verdicts');
  const complaints = target?.complaints() ?? [];
  await Promise.all([target?.close(), client.stop(), ...backends.map((backend) => backend.stop())]);

  const count = (verdict: Verdict): number => verdicts.filter((one) => one.verdict === verdict).length;
  const cutAfterMs = verdicts.filter(({ verdict }) => verdict === 'cut').map(({ endedMs }) => endedMs - killedMs);
  return {
    title: `kill -9 with ${streams} open streams${options.direct ? ', direct' : ''}`,
    entries: [
      measured('complete', count('complete'), 'count'),
      measured('cut', count('cut'), 'count'),
      measured('the last one cut after', Math.max(...cutAfterMs) / 1000, 's', {
        target: { relation: '<=', value: IDLE_SECONDS },
        note: `STREAM_IDLE_TIMEOUT is ${IDLE_SECONDS}`,
      }),
      ...wrong(verdicts),
      checked('it hit open streams, and not all', count('cut') > 0 && count('complete') > 0, ''),
    ],
    complaints,
  };
}

const MUST_NOT_BE: readonly Verdict[] = ['spliced', 'short', 'hung', 'refused'];

function wrong(verdicts: readonly StreamVerdict[]) {
  return MUST_NOT_BE.map((verdict) => {
    const count = verdicts.filter((one) => one.verdict === verdict).length;
    return checked(`none ${verdict}`, count === 0, String(count));
  });
}

interface Victims {
  readonly origins: readonly string[];
  readonly target: Target | null;
  readonly backends: readonly { stop(): Promise<void> }[];
  kill(): Promise<unknown>;
}

async function twoBackends(context: BenchContext): Promise<Victims> {
  const backends = [await context.worker('backend', {}), await context.worker('backend', {})] as const;
  const origins = await Promise.all(backends.map((backend) => backend.call('origin')));
  return { origins, target: null, backends, kill: () => backends[0].stop('SIGKILL') };
}

async function twoProcessors(context: BenchContext, options: StreamsOptions): Promise<Victims> {
  const backend = await context.worker('backend', {});
  const target = await openTarget(context, {
    backend: await backend.call('origin'),
    direct: false,
    partitions: PARTITIONS,
    env: { STREAM_IDLE_TIMEOUT: String(IDLE_SECONDS), ...options.env },
  });
  const victim = target.services.get('processor') as ServiceProcess;
  const successor = await target.addProcessor();
  context.progress.say('waiting until both processors have partitions');
  await shared([victim, successor]);
  return { origins: [target.origin], target, backends: [backend], kill: () => victim.stop('SIGKILL') };
}

/** Resolves when the partitions are shared out evenly. @throws {Error} when they are not in time */
async function shared(processors: readonly ServiceProcess[]): Promise<void> {
  for (const endAt = performance.now() + SETTLE_MS; performance.now() < endAt; ) {
    const counts = await Promise.all(processors.map(partitionsOf));
    if (counts.every((count) => count === PARTITIONS / processors.length)) return;
    await pause(100);
  }
  throw new Error(`the processors did not share their partitions within ${SETTLE_MS} ms`);
}

async function partitionsOf({ managementPort }: ServiceProcess): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${managementPort}/status`);
  const { topics } = (await response.json()) as { topics: Record<string, { partitions: unknown[] }> };
  return Object.values(topics).reduce((sum, { partitions }) => sum + partitions.length, 0);
}
