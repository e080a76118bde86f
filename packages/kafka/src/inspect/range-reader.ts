import { describeDenial } from '../client/access.js';
import { quiesce } from '../client/connect.js';
import { CODE, fault } from '../client/errors.js';
import type { RdConsumer, RdError, RdMessage } from '../client/librdkafka.js';
import { toRecord } from '../client/record.js';
import { INBOX_GROUP } from '../inbox/reader-session.js';
import { KafkaClientFault } from '../port/failures.js';
import type { OffsetRange, PartitionOffset } from '../port/inspector.js';
import type { KafkaRecord, TopicPartition } from '../port/records.js';

/** Most records of one poll, and about how many bytes of them: a poll gathers while more is fetched. */
const AT_ONCE = 500;
const AT_ONCE_BYTES = 4 * 1024 * 1024;
/** Records of the first poll, while nobody knows how large they are. */
const AT_FIRST = 16;
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
    let atOnce = AT_FIRST;
    while (open.size > 0 && !signal?.aborted) {
      const messages = await poll(client, atOnce);
      if (messages.length > 0) atOnce = fitting(messages);
      for (const message of messages) {
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

/** How many records the next poll may have, when they are like those of this one. */
function fitting(messages: readonly RdMessage[]): number {
  const bytes = messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
  return Math.min(AT_ONCE, Math.max(1, Math.floor((AT_ONCE_BYTES * messages.length) / Math.max(1, bytes))));
}

/** The records of one poll. @throws {KafkaClientFault} */
async function poll(client: RdConsumer, atMost: number): Promise<RdMessage[]> {
  return await new Promise<RdMessage[]>((resolve, reject) => {
    client.consume(atMost, (error, messages) => (error ? reject(refused(error)) : resolve(messages)));
  });
}

/** The client's own words for a denied group do not say which. */
function refused(error: RdError): KafkaClientFault {
  if (error.code !== CODE.groupNotAuthorized) return fault('reading', error);
  const denial = describeDenial({ resource: 'group', name: INBOX_GROUP, operations: ['Describe'] });
  return new KafkaClientFault(denial, error.code, { cause: error });
}
