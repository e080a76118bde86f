import type { StoredRecord } from '../stored-record.js';
import type { Moment } from './moment.js';

/** From where to where records are looked for; null: from the first, to the last. */
export interface Bounds {
  readonly since: Moment | null;
  /** Left out itself. */
  readonly until: Moment | null;
}

/** The first offset of a partition, and the one behind the last. */
export interface PartitionEnds {
  readonly from: number;
  readonly to: number;
}

type Placed = Pick<StoredRecord, 'partition' | 'offset' | 'timestampMs'>;

/**
 * True for records between two moments: times by the timestamp that a record has in Kafka, places by its offset.
 *
 * @param endsOf of a partition; undefined where they are not known: it then begins at 0 and has no end
 * @example
 * const isWithin = createWithin({ since: parseMoment('5m', context), until: null }, () => undefined);
 */
export function createWithin(
  { since, until }: Bounds,
  endsOf: (partition: number) => PartitionEnds | undefined,
): (record: Placed) => boolean {
  const isFrom = (moment: Moment, record: Placed): boolean =>
    moment.kind === 'time'
      ? record.timestampMs >= moment.ms
      : record.offset >= offsetOf(moment, endsOf(record.partition) ?? UNKNOWN);
  return (record) => (since === null || isFrom(since, record)) && (until === null || !isFrom(until, record));
}

const UNKNOWN: PartitionEnds = { from: 0, to: Number.POSITIVE_INFINITY };

/** The offset that a place in a partition stands for; it may lie outside of the partition. */
export function offsetOf(moment: Exclude<Moment, { readonly kind: 'time' }>, { from, to }: PartitionEnds): number {
  switch (moment.kind) {
    case 'start':
      return from;
    case 'end':
      return to;
    case 'offset':
      return moment.offset;
    case 'after_start':
      return from + moment.records;
    case 'before_end':
      return to - moment.records;
  }
}
