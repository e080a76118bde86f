import type { KafkaInspector, KafkaRecord, PartitionOffset, TopicPartition } from '@kafka-http-proxy/kafka';
import type { PartitionLag } from '@kafka-http-proxy/operate';
import { timeoutSignal } from '@kafka-http-proxy/protocol';

/** A group, and a topic that it reads. */
export interface GroupTopic {
  readonly group: string;
  readonly topic: string;
}

/** Groups that are asked about at once: each by a client of its own. */
const AT_ONCE = 4;

/**
 * How far groups are behind, partition by partition, in the order that was asked in. Takes part in nothing. Partitions
 * without a leader are left out, topics that are not there too.
 *
 * @throws {KafkaClientFault} when Kafka does not tell, or denies it
 */
export async function measureLags(
  inspector: KafkaInspector,
  wanted: readonly GroupTopic[],
  now: () => number = Date.now,
): Promise<PartitionLag[]> {
  const { topics } = await inspector.cluster();
  const partitionsOf = (topic: string): TopicPartition[] =>
    (topics.get(topic) ?? []).map(({ partition }) => ({ topic, partition }));
  const names = [...new Set(wanted.map(({ topic }) => topic))];
  const [committed, ends, starts] = await Promise.all([
    committedOf(inspector, wanted, partitionsOf),
    inspector.offsets(names.flatMap(partitionsOf), 'end').then(byPartition),
    inspector.offsets(names.flatMap(partitionsOf), 'start').then(byPartition),
  ]);
  const lags: PartitionLag[] = [];
  for (const { group, topic } of wanted) {
    for (const at of partitionsOf(topic)) {
      const end = ends.get(keyOf(at));
      if (end === undefined) continue;
      const { partition } = at;
      const offset = committed.get(group)?.get(keyOf(at)) ?? null;
      // What retention has deleted is not waited for any more.
      const next = Math.max(offset ?? 0, starts.get(keyOf(at)) ?? 0);
      const lag = Math.max(0, end - next);
      const ageMs = lag === 0 ? 0 : await ageOf(inspector, { ...at, offset: next }, end, now);
      lags.push({ topic, group, partition, committed: offset, end, lag, ageMs });
    }
  }
  return lags;
}

async function committedOf(
  inspector: KafkaInspector,
  wanted: readonly GroupTopic[],
  partitionsOf: (topic: string) => TopicPartition[],
): Promise<Map<string, Map<string, number>>> {
  const groups = [...new Set(wanted.map(({ group }) => group))];
  const found = new Map<string, Map<string, number>>();
  const askNext = async (): Promise<void> => {
    for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
      const topics = wanted.filter((one) => one.group === group).map(({ topic }) => topic);
      found.set(group, byPartition(await inspector.committed(group, topics.flatMap(partitionsOf))));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, askNext));
  return found;
}

/** How long the first record from here on has been there, ms; null where it can't be read, or must not. */
async function ageOf(
  inspector: KafkaInspector,
  { topic, partition, offset }: PartitionOffset,
  end: number,
  now: () => number,
): Promise<number | null> {
  let first: KafkaRecord | null = null;
  // Offsets have gaps, where transactions and compaction were.
  const enough = new AbortController();
  const signal = AbortSignal.any([enough.signal, timeoutSignal(READ_MS)]);
  const range = { topic, partition, from: offset, to: end };
  const take = (record: KafkaRecord): void => {
    first ??= record;
    enough.abort();
  };
  await inspector.read([range], take, { signal }).catch((error: Error) => {
    // Who may see the offsets need not be allowed to read.
    if (error.name !== 'KafkaClientFault') throw error;
  });
  const found = first as KafkaRecord | null;
  return found === null ? null : Math.max(0, now() - found.timestampMs);
}

/** How long one look-up may take: a leader may have gone meanwhile, ms. */
const READ_MS = 5000;

function byPartition(offsets: readonly PartitionOffset[]): Map<string, number> {
  return new Map(offsets.map((at) => [keyOf(at), at.offset]));
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
