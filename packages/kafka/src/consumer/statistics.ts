import type { TopicPartition } from '../port/records.js';

/** What is wanted of librdkafka's statistics. https://github.com/confluentinc/librdkafka/blob/master/STATISTICS.md */
export interface ConsumerStatistics {
  /** The group has given this member an assignment, maybe an empty one. */
  readonly settled: boolean;
  /** A broker is connected. */
  readonly reachable: boolean;
  /** The group's coordinator is known and answers. */
  readonly coordinated: boolean;
  readonly partitions: ReadonlyArray<PartitionStatistics>;
}

/** What the statistics say of one partition. */
export interface PartitionStatistics extends TopicPartition {
  /** Records fetched and not yet handed over. */
  readonly fetched: number;
  /** Records between the last one handed over and the end; null when not known yet. */
  readonly lag: number | null;
  /** The offset to fetch next; negative before the first fetch. */
  readonly next: number;
}

interface RawPartition {
  partition: number;
  fetchq_cnt: number;
  next_offset: number;
  app_offset: number;
  hi_offset: number;
  consumer_lag: number;
}

interface RawStatistics {
  brokers?: Record<string, { state: string }>;
  cgrp?: { state: string; stateage: number; join_state: string };
  topics?: Record<string, { topic: string; partitions: Record<string, RawPartition> }>;
}

/**
 * How long a KIP-848 member must have known its coordinator to be taken for one without partitions,
 * ms: brokers give assignments with heartbeats, 5 s apart by default.
 */
const IDLE_MEMBER_MS = 10_000;

/**
 * Reads one statistics event; null when it is not understood. A member by KIP-848
 * (`group.protocol=consumer`) that gets no partition never hears of it: it stays in join state `init`.
 */
export function readStatistics(json: string, kip848 = false): ConsumerStatistics | null {
  let raw: RawStatistics;
  try {
    raw = JSON.parse(json) as RawStatistics;
  } catch {
    return null;
  }
  const partitions: PartitionStatistics[] = [];
  for (const { topic, partitions: found } of Object.values(raw.topics ?? {})) {
    for (const at of Object.values(found)) {
      if (at.partition < 0) continue;
      partitions.push({ topic, partition: at.partition, fetched: at.fetchq_cnt, lag: lagOf(at), next: at.next_offset });
    }
  }
  const { state, join_state, stateage } = raw.cgrp ?? { state: '', join_state: '', stateage: 0 };
  const settled = join_state === 'steady' || (kip848 && stateage >= IDLE_MEMBER_MS);
  const coordinated = state === 'up';
  const reachable = Object.values(raw.brokers ?? {}).some((broker) => broker.state === 'UP');
  return { settled: coordinated && settled, reachable, coordinated, partitions };
}

/** Negative offsets mean "not known"; before the first record the committed offset is what counts. */
function lagOf({ app_offset, hi_offset, consumer_lag }: RawPartition): number | null {
  if (hi_offset >= 0 && app_offset >= 0) return Math.max(0, hi_offset - app_offset);
  return consumer_lag >= 0 ? consumer_lag : null;
}
