import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import { type Entry, entryOf, viewOf } from '@kafka-http-proxy/operate';
import { readInTimeOrder } from './in-time-order.js';
import { lastRows } from './last-rows.js';
import { createPairReport, type PairReport } from './pair-report.js';
import type { Range } from './ranges.js';
import type { RowOf } from './row.js';
import type { TailWork } from './tail-work.js';

/** Records between two looks at deadlines that have passed. */
const EXPIRE_EVERY = 1000;
/** The same where records are followed, ms. */
const EXPIRE_MS = 500;

/** Prints requests with their replies, a line of an access log each. */
export async function tailPairs(work: TailWork): Promise<void> {
  const { inspector, plan, print, signal, lookBack } = work;
  const rowOf = pairRows(work);
  const { ranges, first, last } = await whereToBegin(work, rowOf);
  const topics = new Set(work.ranges.map(({ topic }) => topic));
  const report = createPairReport({ plan, print, topics, first, last });
  let taken = 0;
  const take = (entry: Entry): void => {
    report.take(entry);
    if (++taken % EXPIRE_EVERY === 0) report.expire(entry.timeMs);
  };
  const readAll = (onRead: (records: number) => void) =>
    readInTimeOrder(inspector, ranges, rowOf, take, { signal, onRead });
  await (last === null ? readAll(() => undefined) : lookBack(readAll));
  if (plan.follow && !signal.aborted) {
    report.release();
    await follow(work, rowOf, report);
  }
  if (signal.aborted) report.interrupted(Date.now());
  else report.finish(Date.now());
}

/** What may belong to a pair. Filters are those of the request: nothing of what it is not is kept. */
function pairRows({ plan: { filter } }: TailWork): RowOf<Entry> {
  return (record) => {
    const view = viewOf(record);
    if ((view.kind === 'request' || view.kind === 'other') && !filter(view)) return null;
    const entry = entryOf(view);
    return entry.kind === 'control' || entry.kind === 'canary' ? null : entry;
  };
}

interface Beginning {
  readonly ranges: readonly Range[];
  /** The first request; null: any. */
  readonly first: Entry | null;
  /** How many of the pairs are printed, the last ones; null: all. */
  readonly last: number | null;
}

/** The last lines begin with the request that many before the end, unless their replies decide which they are. */
async function whereToBegin(
  { inspector, ranges, plan, signal, lookBack }: TailWork,
  rowOf: RowOf<Entry>,
): Promise<Beginning> {
  const { lines } = plan;
  if (lines === null || plan.since !== null || plan.pairFilter !== null) return { ranges, first: null, last: lines };
  const requestOf = (record: KafkaRecord): Entry | null => {
    const row = rowOf(record);
    return row?.kind === 'request' ? row : null;
  };
  const found = await lookBack((onRead) => lastRows(inspector, ranges, lines, requestOf, { signal, onRead }));
  return { ranges: found.ranges, first: found.rows[0] ?? null, last: null };
}

async function follow({ inspector, ranges, signal }: TailWork, rowOf: RowOf<Entry>, report: PairReport): Promise<void> {
  const timer = setInterval(() => report.expire(Date.now()), EXPIRE_MS);
  const onward = ranges.map(({ topic, partition, to }) => ({ topic, partition, from: to }));
  const onRecord = (record: KafkaRecord): void => {
    const row = rowOf(record);
    if (row !== null) report.take(row);
  };
  try {
    await inspector.read(onward, onRecord, { signal });
  } finally {
    clearInterval(timer);
  }
}
