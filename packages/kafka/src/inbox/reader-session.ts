import { connect, disconnect, metadata, quiesce } from '../client/connect.js';
import { CODE, clientError, errorCode, fault } from '../client/errors.js';
import { firstPolls } from '../client/first-polls.js';
import { librdkafka, type RdConfig, type RdConsumer, type RdError, type RdMessage } from '../client/librdkafka.js';
import { clientConfig } from '../client/settings.js';
import { endsWithin } from '../client/timing.js';
import type { TopicPartition } from '../port/records.js';
import type { KafkaSettings } from '../port/settings.js';

/** One consumer that reads partitions by manual assignment; recreated when it dies. */
export interface ReaderSession {
  /** The offset that the next record of the partition will get. @throws {KafkaClientFault} */
  endOffset(at: TopicPartition): Promise<number>;
  /** Reads these too, each from its position; those that it reads already stay as they are. @throws {KafkaClientFault} */
  add(positions: ReadonlyArray<TopicPartition & { readonly offset: number }>): void;
  /** Reads these no longer. */
  remove(partitions: readonly TopicPartition[]): void;
  /** Never creates it, unless `allow.auto.create.topics` is set. @throws {KafkaClientFault} */
  exists(topic: string): Promise<boolean>;
  close(): Promise<void>;
}

/** What a session of a reader reports to its owner. */
export interface ReaderSessionEvents {
  message(message: RdMessage): void;
  /** The broker does not know a partition that is read, for now or any more. */
  unknownPartition(): void;
}

/** librdkafka's `_UNKNOWN_PARTITION`, `_UNKNOWN_TOPIC` and the broker's UNKNOWN_TOPIC_OR_PARTITION. */
const UNKNOWN: ReadonlySet<number> = new Set([CODE.unknownPartition, CODE.unknownTopic, CODE.unknownTopicOrPartition]);

/** Consumer group that the readers of inboxes name. */
export const INBOX_GROUP = 'khp-inbox';

/** An empty poll of the reading thread; also how long the event loop may be held by a disconnect, ms. */
const POLL_MS = 50;

/** @throws {KafkaClientFault} as {@link connect}, and when Kafka refuses the group's coordinator */
export async function openReaderSession(
  settings: KafkaSettings,
  events: ReaderSessionEvents,
  signal?: AbortSignal,
): Promise<ReaderSession> {
  const client = await open(settings, signal);
  const added = new Set<string>();
  let closed = false;
  const doubt = (error: RdError): void => {
    if (!closed && UNKNOWN.has(errorCode(error))) events.unknownPartition();
  };
  client.on('event.error', doubt);
  client.on('warning', doubt);
  client.consume((error, message) => {
    // The loop tells at its end only why it ended, which it may have done long ago.
    if (error) told(settings, error);
    else if (!closed) events.message(message);
  });

  return {
    endOffset: ({ topic, partition }) =>
      new Promise((resolve, reject) => {
        client.queryWatermarkOffsets(topic, partition, 5000, (error, offsets) => {
          if (error) reject(fault(`end offset of ${topic}/${partition}`, error));
          else resolve(offsets.highOffset);
        });
      }),
    async exists(topic) {
      const { topics } = await metadata(client, topic, 2000);
      return topics.some(({ name, partitions }) => name === topic && partitions.length > 0);
    },
    add(positions) {
      const fresh = positions.filter(({ topic, partition }) => !added.has(`${topic}/${partition}`));
      if (fresh.length === 0) return;
      try {
        client.incrementalAssign(fresh);
        for (const { topic, partition } of fresh) added.add(`${topic}/${partition}`);
      } catch (error) {
        throw fault('assigning reply partitions', error);
      }
    },
    remove(partitions) {
      const known = partitions.filter(({ topic, partition }) => added.delete(`${topic}/${partition}`));
      if (known.length === 0 || closed) return;
      try {
        client.incrementalUnassign(known);
      } catch (error) {
        // It is being replaced: its successor reads what is left.
        settings.events.error('inbox_reader', clientError(error as RdError));
      }
    },
    async close() {
      closed = true;
      await quiesce(client, () => client.unassign());
      await endsWithin(disconnect(client), 5000);
    },
  };
}

/** The configuration of such a consumer. */
export function readerConfig(settings: KafkaSettings): RdConfig {
  return clientConfig(
    settings,
    'inbox_reader',
    {
      'fetch.wait.max.ms': 100,
      'fetch.queue.backoff.ms': 5,
      'fetch.error.backoff.ms': 50,
      'queued.min.messages': 10_000,
      'queued.max.messages.kbytes': 16_384,
      'isolation.level': 'read_uncommitted',
    },
    {
      // Nobody joins it and nothing is committed, but librdkafka looks for its coordinator; and when that
      // is forbidden (Describe), the package's reading loop ends. One name, so that one ACL does.
      'group.id': INBOX_GROUP,
      'enable.auto.commit': false,
      'enable.auto.offset.store': false,
      // Used only when a position is out of range: the topic was deleted and created again, or retention
      // overtook the reader. Foreign and late replies are dropped by their id, a skipped one is lost.
      'auto.offset.reset': 'earliest',
    },
  );
}

/** How long the refusal of the group's coordinator may take to come, ms; what comes later ends the loop. */
const REFUSAL_MS = 200;

/** A consumer that Kafka lets look for its group. @throws {KafkaClientFault} as {@link connect}, and when it does not */
async function open(settings: KafkaSettings, signal?: AbortSignal): Promise<RdConsumer> {
  const make = (): RdConsumer => new librdkafka.KafkaConsumer(readerConfig(settings));
  const client = await connect('inbox_reader', settings.events, make, signal);
  // Without these two the reading thread sleeps 500 ms after each empty poll.
  client.setDefaultConsumeLoopTimeoutDelay(0);
  client.setDefaultConsumeTimeout(POLL_MS);
  const ignored = (): undefined => undefined;
  const error = await firstPolls(client, {
    done: () => signal?.aborted === true,
    limitMs: REFUSAL_MS,
    onMessage: ignored,
    onWarning: ignored,
  });
  if (error === null) return client;
  told(settings, error);
  await endsWithin(disconnect(client), 5000);
  throw fault(`consumer group ${INBOX_GROUP}`, error);
}

function told(settings: KafkaSettings, error: RdError): void {
  settings.events.error('inbox_reader', clientError(error));
  if (errorCode(error) === CODE.groupNotAuthorized) settings.events.access?.(INBOX_GROUP, false);
}
