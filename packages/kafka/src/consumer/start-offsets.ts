import { fault } from '../client/errors.js';
import type { RdCommitted, RdConsumer } from '../client/librdkafka.js';
import { pause } from '../client/timing.js';
import type { TopicPartition } from '../port/records.js';
import type { TopicStates } from '../port/topics.js';

/*
 * A group's offsets are kept by the names of topics: of one that was deleted and created again, they skip what nobody has
 * read. So each is committed with the id of its topic (KIP-516) as metadata, and one of another id does not count.
 */

/** Where to begin with a partition. */
export interface StartOffset extends TopicPartition {
  /** Undefined: where the group has committed, or as `auto.offset.reset` says. */
  readonly offset?: number;
  /** What the group has committed for this topic; undefined where that is nothing, or not known. */
  readonly committed?: number;
  /** What it has committed for another topic of this name. */
  readonly foreign?: number;
}

/** librdkafka's RD_KAFKA_OFFSET_BEGINNING. */
const BEGINNING = -2;

const COMMITTED_MS = 3000;
const ATTEMPTS = 3;

const PREFIX = 'topic-id=';

/** What is committed with an offset; empty where the topic has no id. */
export function commitMetadata(states: TopicStates, topic: string): string {
  const id = states.get(topic)?.id;
  return id == null ? '' : `${PREFIX}${id}`;
}

/**
 * Looks at what the group has committed for these.
 *
 * @param states what Kafka says of their topics; those without an id begin where the group has committed
 * @throws {KafkaClientFault} when Kafka does not tell
 */
export async function startOffsets(
  client: Pick<RdConsumer, 'committed'>,
  partitions: readonly TopicPartition[],
  states: TopicStates,
): Promise<StartOffset[]> {
  const known = partitions.filter(({ topic }) => states.get(topic)?.id != null);
  if (known.length === 0) return [...partitions];
  const found = await committedOffsets(client, known);
  return partitions.map((at) => {
    const committed = found.find(({ topic, partition }) => topic === at.topic && partition === at.partition);
    if (committed?.offset === undefined || committed.offset < 0) return at;
    const { offset, metadata = '' } = committed;
    // What an older version has committed says nothing, and is believed.
    const isForeign = metadata.startsWith(PREFIX) && metadata !== commitMetadata(states, at.topic);
    return isForeign ? { ...at, offset: BEGINNING, foreign: offset } : { ...at, committed: offset };
  });
}

async function committedOffsets(
  client: Pick<RdConsumer, 'committed'>,
  partitions: readonly TopicPartition[],
): Promise<RdCommitted[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await new Promise<RdCommitted[]>((resolve, reject) => {
        client.committed(partitions, COMMITTED_MS, (error, found) => (error ? reject(error) : resolve(found)));
      });
    } catch (error) {
      if (attempt === ATTEMPTS) throw fault('the offsets that the group has committed', error);
      await pause(100);
    }
  }
}
