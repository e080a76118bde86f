import type { KafkaInspector, KafkaRecord } from '@kafka-http-proxy/kafka';
import { byTime } from '@kafka-http-proxy/operate';
import { partitionKey, type Range } from './ranges.js';
import type { Placed, RowOf } from './row.js';

/** What was found looking back, and how far that was. */
export interface LastRows<R> {
  /** By time, oldest first. */
  readonly rows: R[];
  /** The ranges from the lowest offset that was looked at: whatever is as young as the first row is in them. */
  readonly ranges: readonly Range[];
}

interface Window<R> {
  readonly range: Range;
  readonly start: number;
  from: number;
  rows: R[];
  /** Of the lowest record that was read; any is younger. */
  oldestMs: number;
}

const FIRST_STEP = 100;
const LARGEST_STEP = 10_000;

/**
 * The last rows over all partitions by time: reads back from the ends in growing steps, in each partition as far as
 * rows may be there that are younger than the oldest of those found.
 *
 * @param onRead is told how many records were read
 */
export async function lastRows<R extends Placed>(
  inspector: KafkaInspector,
  ranges: readonly Range[],
  count: number,
  rowOf: RowOf<R>,
  { signal, onRead }: { readonly signal: AbortSignal; readonly onRead: (records: number) => void },
): Promise<LastRows<R>> {
  const windows = new Map<string, Window<R>>();
  for (const range of ranges) {
    const window = { range, start: range.from, from: range.to, rows: [], oldestMs: Number.POSITIVE_INFINITY };
    windows.set(partitionKey(range), window);
  }
  let open = count === 0 ? [] : [...windows.values()].filter(({ from, start }) => from > start);
  for (let step = FIRST_STEP; open.length > 0 && !signal.aborted; step = Math.min(step * 4, LARGEST_STEP)) {
    const found = await readBefore(inspector, open, step, count, rowOf, signal);
    onRead(found);
    const rows = newest([...windows.values()], count);
    const oldestMs = rows.length < count ? Number.NEGATIVE_INFINITY : (rows[0] as R).timeMs;
    open = open.filter((one) => one.from > one.start && one.rows.length < count && one.oldestMs >= oldestMs);
  }
  const all = [...windows.values()];
  return { rows: newest(all, count), ranges: all.map(({ range, from }) => ({ ...range, from })) };
}

/** Reads one more step back in some windows. @returns how many records there were */
async function readBefore<R extends Placed>(
  inspector: KafkaInspector,
  open: readonly Window<R>[],
  step: number,
  count: number,
  rowOf: RowOf<R>,
  signal: AbortSignal,
): Promise<number> {
  const found = new Map<string, { rows: R[]; firstMs: number | null }>();
  const reads = open.map(({ range, from, start }) => ({ ...range, from: Math.max(start, from - step), to: from }));
  for (const range of reads) found.set(partitionKey(range), { rows: [], firstMs: null });
  let records = 0;
  const onRecord = (record: KafkaRecord): void => {
    const here = found.get(partitionKey(record));
    if (here === undefined) return;
    records++;
    here.firstMs ??= record.timestampMs;
    const row = rowOf(record);
    if (row === null) return;
    here.rows.push(row);
    // Only the last ones count: no more of them is held than twice.
    if (here.rows.length >= 2 * count) here.rows = here.rows.slice(-count);
  };
  await inspector.read(reads, onRecord, { signal });
  for (const [i, window] of open.entries()) {
    const here = found.get(partitionKey(window.range));
    window.from = reads[i]?.from ?? window.from;
    window.rows = [...(here?.rows ?? []), ...window.rows].slice(-count);
    window.oldestMs = here?.firstMs ?? window.oldestMs;
  }
  return records;
}

/** The last rows of some windows, oldest first; what can't be among them is let go. */
function newest<R extends Placed>(windows: readonly Window<R>[], count: number): R[] {
  return windows
    .flatMap(({ rows }) => rows)
    .sort(byTime)
    .slice(-count);
}
