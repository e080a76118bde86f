import { connectionOf, withInspector } from '../connection/connection.js';
import { noteAssumedUtc } from '../filters/times.js';
import { maskingOf } from '../masking/options.js';
import { EXIT } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import { createPrinter, type Printer } from '../output/printer.js';
import { planOf, type TailFlags } from './plan.js';
import { type Range, rangesOf } from './ranges.js';
import { tailPairs } from './tail-pairs.js';
import { tailRecords } from './tail-records.js';
import { chosenTopics } from './topics.js';

/** Silence after which it is told how far it has come, ms. */
const PATIENCE_MS = 1000;

/**
 * Carries `tail` out.
 *
 * @returns the exit code
 * @throws CommandFailure, ConfigError and mistakes about what was typed
 */
export async function runTail(named: readonly string[], flags: TailFlags, host: Host): Promise<number> {
  const plan = planOf(flags, Date.now());
  const print = createPrinter(host, flags);
  const masking = maskingOf(flags);
  const { signal } = host;
  noteAssumedUtc(plan, print);
  const connection = await connectionOf(flags, host);
  return await withInspector(connection, host, async (inspector) => {
    const { topics } = await inspector.cluster();
    const chosen = chosenTopics({
      named,
      tiers: connection.tiers,
      existing: new Set(topics.keys()),
      withDeadLetters: flags.pair === true,
    });
    const partitions = chosen.flatMap((topic) =>
      (topics.get(topic) ?? []).map(({ partition }) => ({ topic, partition })),
    );
    const { ranges, missing } = await rangesOf(inspector, partitions, plan.since, plan.until);
    for (const { topic, partition } of missing)
      print.note(`${topic}/${partition} has no leader that answers: left out`);
    const lookBack = looker(print, ranges);
    const work = { inspector, ranges, plan, flags, print, masking, signal, lookBack };
    await (flags.pair ? tailPairs(work) : tailRecords(work));
    return signal.aborted ? EXIT.interrupted : EXIT.done;
  });
}

/** Progress for what takes longer than a second before it prints anything. */
function looker(print: Printer, ranges: readonly Range[]) {
  const total = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  return async <T>(work: (onRead: (records: number) => void) => Promise<T>): Promise<T> => {
    const startMs = performance.now();
    let read = 0;
    let bar: ReturnType<Printer['progress']> | null = null;
    try {
      return await work((records) => {
        read += records;
        if (bar === null && performance.now() - startMs > PATIENCE_MS) bar = print.progress('records', total);
        void bar?.then((progress) => progress.at(read));
      });
    } finally {
      (await (bar as ReturnType<Printer['progress']> | null))?.end();
    }
  };
}
