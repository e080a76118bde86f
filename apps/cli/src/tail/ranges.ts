import type { KafkaInspector, OffsetMoment, PartitionOffset, TopicPartition } from '@kafka-http-proxy/kafka';
import { type Moment, offsetOf } from '@kafka-http-proxy/operate';

/** What of a partition is read: offsets, the end left out. */
export interface Range extends TopicPartition {
  readonly from: number;
  readonly to: number;
  /** The first offset that the partition still has. */
  readonly start: number;
}

/** Ranges, and what has no leader that answers. */
export interface Ranges {
  readonly ranges: readonly Range[];
  readonly missing: readonly TopicPartition[];
}

/** The one way to write a partition. */
export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

/**
 * Turns moments into offsets. The ends are looked up first: what comes later belongs to another run.
 *
 * @param since null: from the beginning
 * @param until null: to the end
 * @throws {KafkaClientFault} when no broker answers
 */
export async function rangesOf(
  inspector: KafkaInspector,
  partitions: readonly TopicPartition[],
  since: Moment | null,
  until: Moment | null,
): Promise<Ranges> {
  const at = async (moment: OffsetMoment) => byPartition(await inspector.offsets(partitions, moment));
  const ends = await at('end');
  const starts = await at('start');
  const times = new Map<number, ReadonlyMap<string, number>>();
  for (const moment of [since, until]) {
    if (moment?.kind === 'time' && !times.has(moment.ms)) times.set(moment.ms, await at(moment.ms));
  }
  const missing: TopicPartition[] = [];
  const ranges: Range[] = [];
  for (const one of partitions) {
    const key = partitionKey(one);
    const [start, end] = [starts.get(key), ends.get(key)];
    if (start === undefined || end === undefined) {
      missing.push(one);
      continue;
    }
    const place = (moment: Moment): number => {
      const offset =
        moment.kind === 'time' ? (times.get(moment.ms)?.get(key) ?? end) : offsetOf(moment, { from: start, to: end });
      return Math.min(end, Math.max(start, offset));
    };
    const from = since === null ? start : place(since);
    ranges.push({ ...one, start, from, to: until === null ? end : Math.max(from, place(until)) });
  }
  return { ranges, missing };
}

function byPartition(offsets: readonly PartitionOffset[]): ReadonlyMap<string, number> {
  return new Map(offsets.map((one) => [partitionKey(one), one.offset]));
}
