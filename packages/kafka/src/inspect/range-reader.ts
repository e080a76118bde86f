import { describeDenial } from '../client/access.js';
import { quiesce } from '../client/connect.js';
import { CODE, fault } from '../client/errors.js';
import type { RdConsumer, RdError, RdMessage } from '../client/librdkafka.js';
import { toRecord } from '../client/record.js';
import { INBOX_GROUP } from '../inbox/reader-session.js';
import { KafkaClientFault } from '../port/failures.js';
import type { OffsetRange, PartitionOffset } from '../port/inspector.js';
import type { KafkaRecord, TopicPartition } from '../port/records.js';

/** Most records of one poll. */
const AT_ONCE = 500;
/** How long a poll may wait for the first record, ms. */
const POLL_MS = 50;

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/**
 * Reads ranges of partitions on a consumer that has nothing assigned, record by record, and leaves it so.
 * The end of a range is reached by position: offsets have gaps where transactions or compaction were.
 *
 * @throws {KafkaClientFault} when a partition can't be read; what `onRecord` throws
 */
export async function readRanges(
  client: RdConsumer,
  ranges: readonly OffsetRange[],
  onRecord: (record: KafkaRecord) => void | Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const open = new Map<string, OffsetRange>();
  for (const range of ranges) if (range.to === undefined || range.from < range.to) open.set(keyOf(range), range);
  if (open.size === 0) return;
  client.setDefaultConsumeTimeout(POLL_MS);
  // They are told of before the records of the poll are handed over.
  let ends: PartitionOffset[] = [];
  const ended = (at: PartitionOffset): void => void ends.push(at);
  client.on('partition.eof', ended);
  try {
    client.assign([...open.values()].map(({ topic, partition, from }) => ({ topic, partition, offset: from })));
    while (open.size > 0 && !signal?.aborted) {
      for (const message of await poll(client)) {
        const range = open.get(keyOf(message));
        if (range === undefined) continue;
        if (range.to !== undefined && message.offset >= range.to - 1) open.delete(keyOf(message));
        if (range.to !== undefined && message.offset >= range.to) continue;
        await onRecord(toRecord(message));
        if (signal?.aborted) return;
      }
      for (const at of ends) {
        const to = open.get(keyOf(at))?.to;
        if (to !== undefined && at.offset >= to) open.delete(keyOf(at));
      }
      ends = [];
    }
  } finally {
    client.removeListener('partition.eof', ended);
    await quiesce(client, () => client.unassign());
  }
}

/** The records of one poll. @throws {KafkaClientFault} */
async function poll(client: RdConsumer): Promise<RdMessage[]> {
  return await new Promise<RdMessage[]>((resolve, reject) => {
    client.consume(AT_ONCE, (error, messages) => (error ? reject(refused(error)) : resolve(messages)));
  });
}

/** The client's own words for a denied group do not say which. */
function refused(error: RdError): KafkaClientFault {
  if (error.code !== CODE.groupNotAuthorized) return fault('reading', error);
  const denial = describeDenial({ resource: 'group', name: INBOX_GROUP, operations: ['Describe'] });
  return new KafkaClientFault(denial, error.code, { cause: error });
}
