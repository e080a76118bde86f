import type { Told } from './line.js';
import type { CheckId } from './stage/catalogue.js';
import type { Arena, Check, Finding } from './stage/check.js';
import { CONTAINER_BYTES } from './stage/container.js';
import { holds } from './stage/sockets.js';
import type { Stack, Tier } from './stage/stack.js';

export interface Checked extends Told {
  /** Whether the processes are of no use for another check. */
  readonly broke: boolean;
}

const LIMIT_MS = 30_000;
/** Longest that the tiers may take to be idle again, ms. */
const SETTLE_MS = 8000;
const CONTAINER_MIB = CONTAINER_BYTES / 1024 / 1024;

/** Runs one check within its time, and looks what the processes held and whether they live. */
export async function runCheck(check: Check<Arena>, arena: Arena): Promise<Checked> {
  const { id, limitMs = LIMIT_MS, alongside } = check;
  const { stack } = arena;
  if (!alongside) for (const { memory } of stack.tiers()) memory.reset();
  const startedMs = performance.now();
  const finding = await inTime(limitMs, check.run(arena)).catch(
    (error: Error): Finding => ({ came: 'not known', others: 'not known', complaints: [error.message] }),
  );
  const tookMs = performance.now() - startedMs;
  const dead = stack.tiers().flatMap((tier) => {
    const how = tier.ended();
    return how === null ? [] : [`the ${tier.name} ended with ${how}${limitOf(stack, tier)}`];
  });
  const over = stack
    .tiers()
    .filter(({ memory }) => stack.contained && memory.peakMib() >= CONTAINER_MIB)
    .map(({ name }) => `the ${name} held more than the ${CONTAINER_MIB} MiB of its container`);
  const held = stack.tiers().map(({ name, memory }) => `${name} ${Math.round(memory.peakMib())} MiB`);
  const complaints = [...new Set([...dead, ...over, ...finding.complaints])];
  const broke = dead.length > 0 || (!alongside && !(await settled(stack)));
  return { id, ...finding, complaints, held: held.join(', '), tookMs, broke };
}

/** Of a check whose processes could not be started. */
export function notRun(id: CheckId, { message }: Error): Checked {
  const complaints = [`the tiers could not be started: ${message}`];
  return { id, came: 'not run', others: 'not known', held: 'nothing', tookMs: 0, complaints, broke: true };
}

function limitOf({ contained }: Stack, { memory }: Tier): string {
  return contained ? ` (it held ${Math.round(memory.peakMib())} of ${CONTAINER_MIB} MiB when last seen)` : '';
}

/** Whether nothing is waited for any more. */
async function settled(stack: Stack): Promise<boolean> {
  const idle = async () => {
    const pending = stack.proxies.map(({ service }) => service.metric('proxy_pending_requests'));
    const running = stack.processor.service.metric('processor_messages_in_flight');
    return (await Promise.all([...pending, running])).every((count) => count === 0);
  };
  return await inTime(
    SETTLE_MS + 1000,
    holds(SETTLE_MS, () => idle().catch(() => false)),
  ).catch(() => false);
}

async function inTime<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it was not over in ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
