import { type Statistics, statisticsOf } from '@kafka-http-proxy/operate';
import { timeoutSignal } from '@kafka-http-proxy/protocol';
import { EXIT } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import { createPrinter } from '../output/printer.js';
import { REQUEST_EXIT } from './exit.js';
import type { RequestFlags } from './flags.js';
import type { Message } from './message/make-message.js';
import { exchange, type ResponseSink } from './raw-client.js';
import { describeTimes } from './report.js';
import type { Session } from './session.js';

/** Takes a response and keeps nothing of it. */
const NOWHERE: ResponseSink = { head: () => undefined, body: () => undefined, trailers: () => undefined };

/** What came of many requests. */
interface Tally {
  readonly times: number[];
  readonly statuses: Map<string, number>;
  timedOut: number;
  unreachable: number;
  failed: number;
}

/** Sends a request again and again, and prints what came of all. @returns the exit code */
export async function sendMany(message: Message, session: Session, flags: RequestFlags, host: Host): Promise<number> {
  const { count = 1, concurrency, maxTime } = flags;
  const print = createPrinter(host, flags);
  const progress = await print.progress('requests', count);
  const tally: Tally = { times: [], statuses: new Map(), timedOut: 0, unreachable: 0, failed: 0 };
  const counted = (key: string) => tally.statuses.set(key, (tally.statuses.get(key) ?? 0) + 1);
  let begun = 0;
  const sendOne = async () => {
    const startedMs = performance.now();
    const limit = maxTime === undefined ? [] : [timeoutSignal(maxTime * 1000 + 1000)];
    try {
      const signal = AbortSignal.any([host.signal, ...limit]);
      const { status, brokenOff } = await exchange(session.socketPath, message, NOWHERE, signal);
      counted(brokenOff ? `${status}, broken off` : String(status));
      if (status >= 400 || brokenOff) tally.failed++;
      tally.times.push(performance.now() - startedMs);
    } catch (error) {
      if (host.signal.aborted) return;
      if (limit[0]?.aborted !== true) throw error;
      counted('no end in time');
      tally.timedOut++;
    }
    progress.at(tally.times.length, [...tally.statuses].map(([key, n]) => `${key}: ${n}`).join('  '));
  };
  const worker = async () => {
    while (begun < count && !host.signal.aborted) {
      begun++;
      await sendOne();
    }
  };
  session.observer.listen((ending) => {
    if (ending.error?.code === 'timeout') tally.timedOut++;
    if (ending.error?.code === 'kafka_unavailable') tally.unreachable++;
  });
  const startedMs = performance.now();
  try {
    await Promise.all(Array.from({ length: Math.min(concurrency, count) }, worker));
  } finally {
    progress.end();
  }
  const seconds = (performance.now() - startedMs) / 1000;
  const times = statisticsOf(tally.times);
  const statuses = Object.fromEntries([...tally.statuses].sort(([a], [b]) => a.localeCompare(b)));
  if (print.json)
    print.object({
      requests: begun,
      statuses,
      ...(times !== null && inTenths(times)),
      elapsed_ms: tenths(seconds * 1000),
    });
  else for (const line of lines(begun, statuses, times, seconds)) print.line(line);
  if (host.signal.aborted) return EXIT.interrupted;
  if (tally.unreachable > 0) return REQUEST_EXIT.unreachable;
  if (tally.timedOut > 0) {
    const why = await session.explain();
    if (why !== null) print.note(why);
    return REQUEST_EXIT.timeout;
  }
  return flags.fail && tally.failed > 0 ? REQUEST_EXIT.failed : EXIT.done;
}

function lines(
  sent: number,
  statuses: Readonly<Record<string, number>>,
  times: Statistics | null,
  seconds: number,
): string[] {
  const rate = times === null ? '' : `, ${(times.count / seconds).toFixed(1)}/s`;
  return [
    `${sent} request${sent === 1 ? '' : 's'} in ${seconds.toFixed(2)} s${rate}`,
    ...Object.entries(statuses).map(([status, count]) => `${status}: ${count}`),
    ...(times === null ? [] : [describeTimes(times)]),
  ];
}

/** A hundredth of a millisecond is noise. */
function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Times of those that ended, and how many these were. */
function inTenths({ count, min, average, p95, max }: Statistics): object {
  return {
    answered: count,
    min_ms: tenths(min),
    average_ms: tenths(average),
    p95_ms: tenths(p95),
    max_ms: tenths(max),
  };
}
