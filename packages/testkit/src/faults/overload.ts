import { setTimeout as pause } from 'node:timers/promises';
import type { RealKafka } from '../kafka/real-kafka.js';
import type { Sent } from '../ledger/history.js';
import { startLoad } from '../ledger/load.js';
import { type FaultResult, judge } from './run-fault.js';
import { openWorld } from './world.js';

export const OVERLOAD = 'overload: twice as many requests as can be worked off';

/** What the backend can do: so many at once, so long each, ms. */
const AT_ONCE = 10;
const DELAY_MS = 40;
/** A short timeout: a queue as long as this is what a collapse looks like. */
const TIMEOUT_SECONDS = 2;
const PEAK_MS = 6000;
const OVERLOAD_MS = 15_000;
/** Not counted of the overload: until the queue stands. */
const SETTLE_MS = 5000;
/** Goodput under overload, of the peak. */
const LEAST_SHARE = 0.85;

/** Measures the peak, offers twice as much, and compares how many right answers come in time. */
export async function runOverload(kafka: RealKafka): Promise<FaultResult> {
  const world = await openWorld({
    kafka,
    proxies: 2,
    processors: 1,
    replicas: 1,
    delayMs: DELAY_MS,
    proxyEnv: { DEFAULT_TIMEOUT: String(TIMEOUT_SECONDS) },
    processorEnv: { MAX_CONCURRENT_REQUESTS: String(AT_ONCE) },
  });
  try {
    const { target } = world;
    const patienceMs = (TIMEOUT_SECONDS + 10) * 1000;
    // As many clients as keep it busy, each waiting for its answer.
    const closed = startLoad({ target, rates: {}, keys: AT_ONCE * 3, thinkMs: 0, patienceMs });
    await pause(2000);
    const peakFromMs = Date.now();
    await pause(PEAK_MS);
    const peak = goodput(closed.sent, peakFromMs, Date.now());
    await closed.stop();

    const load = startLoad({ target, rates: { read: 2 * peak }, keys: 0, patienceMs });
    const fromMs = Date.now();
    await pause(SETTLE_MS);
    const countFromMs = Date.now();
    await pause(OVERLOAD_MS - SETTLE_MS);
    const share = goodput(load.sent, countFromMs, Date.now()) / peak;
    await load.stop();
    const allowance = { fromMs, toMs: Date.now(), codes: ['overloaded', 'timeout', 'backend_timeout'], repeats: false };
    const result = await judge(world, [...closed.sent, ...load.sent], allowance, { name: OVERLOAD, maxGapMs: 3000 });
    const note = `goodput ${Math.round(share * 100)} % of the peak of ${Math.round(peak)}/s`;
    const complaints = share < LEAST_SHARE ? [`${note}; ${LEAST_SHARE * 100} % at least were expected`] : [];
    return { ...result, note, complaints: [...result.complaints, ...complaints] };
  } finally {
    await world.close();
  }
}

/** Right answers a second. */
function goodput(sent: readonly Sent[], fromMs: number, toMs: number): number {
  const good = sent.filter(({ outcomes: [outcome] }) => {
    return outcome?.right === true && outcome.atMs >= fromMs && outcome.atMs < toMs;
  });
  return (good.length * 1000) / (toMs - fromMs);
}
