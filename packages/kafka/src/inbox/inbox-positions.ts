import type { TopicPartition } from '../port/records.js';

/** A partition that is read, and the next offset to read of it. */
export interface InboxPosition extends TopicPartition {
  offset: number;
  /** False where nothing of ours may be written. */
  readonly probed: boolean;
  /** Round of {@link InboxPositions.quietest} in which it was last read or probed. */
  round: number;
}

/** Where a reader is, partition by partition: what a new consumer goes on from. */
export interface InboxPositions {
  /** @param start `probed` is true when left out */
  add(start: TopicPartition & { readonly offset: number; readonly probed?: boolean }): InboxPosition;
  /** Forgets a topic, and returns what was read of it. */
  remove(topic: string): InboxPosition[];
  has(topic: string, partition: number): boolean;
  /** @throws {Error} for a partition that was never added */
  at(topic: string, partition: number): InboxPosition;
  /** Moves past a record; false when its partition is not ours. */
  read(record: TopicPartition & { readonly offset: number }): boolean;
  /** Those of one topic. */
  of(topic: string): InboxPosition[];
  all(): InboxPosition[];
  /** The partition that was not read or probed for longest, of those that may be; null when all were since the last call. */
  quietest(): InboxPosition | null;
}

/** No positions yet. */
export function createInboxPositions(): InboxPositions {
  const byTopic = new Map<string, Array<InboxPosition | undefined>>();
  let round = 0;

  const all = (): InboxPosition[] =>
    [...byTopic.values()].flatMap((partitions) => partitions.filter((position) => position !== undefined));

  return {
    add({ topic, partition, offset, probed = true }) {
      const position = { topic, partition, offset, probed, round };
      const partitions = byTopic.get(topic) ?? [];
      byTopic.set(topic, partitions);
      partitions[partition] = position;
      return position;
    },
    has: (topic, partition) => byTopic.get(topic)?.[partition] !== undefined,
    at(topic, partition) {
      const position = byTopic.get(topic)?.[partition];
      if (!position) throw new Error(`${topic}/${partition} is not read`);
      return position;
    },
    read({ topic, partition, offset }) {
      const position = byTopic.get(topic)?.[partition];
      if (!position) return false;
      position.offset = offset + 1;
      position.round = round;
      return true;
    },
    remove(topic) {
      const gone = (byTopic.get(topic) ?? []).filter((position) => position !== undefined);
      byTopic.delete(topic);
      return gone;
    },
    of: (topic) => (byTopic.get(topic) ?? []).filter((position) => position !== undefined),
    all,
    quietest() {
      const now = round++;
      let quietest: InboxPosition | null = null;
      for (const position of all()) {
        if (position.probed && position.round < now && (quietest === null || position.round < quietest.round))
          quietest = position;
      }
      if (quietest) quietest.round = round;
      return quietest;
    },
  };
}
