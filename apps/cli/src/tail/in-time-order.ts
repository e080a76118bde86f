import type { KafkaInspector, KafkaRecord } from '@kafka-http-proxy/kafka';
import { byTime } from '@kafka-http-proxy/operate';
import { partitionKey, type Range } from './ranges.js';
import type { Placed, RowOf } from './row.js';

/** Records that are read of a partition at once: each reading costs some ms. */
const AT_ONCE = 2000;
/** Where what was read in one go is enough, bytes of records whose rows hold their bodies. */
const ENOUGH_BYTES = 8 * 1024 * 1024;
/** Below this a partition is read on together with one that has nothing left. */
const LOW = 500;

interface Source<R> {
  readonly range: Range;
  /** The next offset to read. */
  position: number;
  rows: R[];
  /** The next row to give. */
  next: number;
}

interface Piece {
  readonly records: number;
  /** True: there was more to read than there was room. */
  readonly isCut: boolean;
}

/** What is told meanwhile. */
export interface ReadingInOrder {
  readonly signal: AbortSignal;
  /** How many records were read. */
  readonly onRead?: (records: number) => void;
}

/**
 * Reads ranges of several partitions as one list by time, a piece of each at once: what is held does not grow with how
 * much there is. Within a partition the order is its own, whatever its times say.
 *
 * @param onRow may return a promise, which is awaited
 */
export async function readInTimeOrder<R extends Placed & { readonly body?: Buffer | null }>(
  inspector: KafkaInspector,
  ranges: readonly Range[],
  rowOf: RowOf<R>,
  onRow: (row: R) => void | Promise<void>,
  { signal, onRead = () => undefined }: ReadingInOrder,
): Promise<void> {
  const sources = ranges
    .filter(({ from, to }) => from < to)
    .map((range): Source<R> => ({ range, position: range.from, rows: [], next: 0 }));
  const atOnce = Math.max(100, Math.floor((AT_ONCE * 8) / Math.max(8, sources.length)));
  while (!signal.aborted) {
    // Nothing is said of the next one before each partition has said its own.
    for (let isCut = false; sources.some(isEmpty) && !signal.aborted; ) {
      // Where bodies have filled the room already, one record of those that lack one has to do.
      const hungry = sources.filter((one) => (isCut ? isEmpty(one) : hasMore(one) && left(one) < LOW));
      const read: Piece = await readOn(inspector, hungry, isCut ? 1 : atOnce, rowOf, signal);
      onRead(read.records);
      isCut = read.isCut;
    }
    const first = sources.filter((one) => left(one) > 0).sort((a, b) => byTime(headOf(a), headOf(b)))[0];
    if (first === undefined || signal.aborted) return;
    const rival = sources
      .filter((one) => one !== first && left(one) > 0)
      .map(headOf)
      .sort(byTime)[0];
    // Those that come before anybody else's go at once: most neighbours are of one partition.
    do {
      await onRow(headOf(first));
      first.next++;
    } while (left(first) > 0 && (rival === undefined || byTime(headOf(first), rival) < 0) && !signal.aborted);
  }
}

const left = <R>({ rows, next }: Source<R>): number => rows.length - next;
const hasMore = <R>({ position, range }: Source<R>): boolean => position < range.to;
const isEmpty = <R>(source: Source<R>): boolean => left(source) === 0 && hasMore(source);
const headOf = <R>({ rows, next }: Source<R>): R => rows[next] as R;

/** Reads a piece of each of some partitions. @returns how many records there were, and whether that was less than asked for */
async function readOn<R extends Placed & { readonly body?: Buffer | null }>(
  inspector: KafkaInspector,
  hungry: readonly Source<R>[],
  most: number,
  rowOf: RowOf<R>,
  signal: AbortSignal,
): Promise<Piece> {
  const byKey = new Map(hungry.map((one) => [partitionKey(one.range), one]));
  const ranges = hungry.map(({ range, position }) => ({
    topic: range.topic,
    partition: range.partition,
    from: position,
    to: Math.min(range.to, position + most),
  }));
  for (const source of hungry) {
    source.rows = source.rows.slice(source.next);
    source.next = 0;
  }
  const enough = new AbortController();
  let records = 0;
  let bytes = 0;
  const onRecord = (record: KafkaRecord): void => {
    const source = byKey.get(partitionKey(record));
    if (source === undefined) return;
    records++;
    source.position = record.offset + 1;
    const row = rowOf(record);
    if (row === null) return;
    source.rows.push(row);
    bytes += row.body?.length ?? 0;
    if (bytes > ENOUGH_BYTES) enough.abort();
  };
  await inspector.read(ranges, onRecord, { signal: AbortSignal.any([signal, enough.signal]) });
  if (enough.signal.aborted || signal.aborted) return { records, isCut: true };
  // The last offsets of a piece may be of no record.
  for (const [i, source] of hungry.entries()) source.position = Math.max(source.position, ranges[i]?.to ?? 0);
  return { records, isCut: false };
}
