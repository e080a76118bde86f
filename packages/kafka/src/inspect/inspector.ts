import { timeoutSignal } from '@kafka-http-proxy/protocol';
import { deniedTopics } from '../client/access.js';
import { connect, disconnect, metadata } from '../client/connect.js';
import { CODE, fault } from '../client/errors.js';
import { librdkafka, type RdAdmin, type RdConsumer, type RdError, type RdListed } from '../client/librdkafka.js';
import { listOffsets } from '../client/list-offsets.js';
import { createQuestions } from '../client/questions.js';
import { clientConfig } from '../client/settings.js';
import { INBOX_GROUP } from '../inbox/reader-session.js';
import type { KafkaInspector, OffsetMoment, OffsetRange, PartitionOffset } from '../port/inspector.js';
import type { KafkaRecord, TopicPartition } from '../port/records.js';
import type { KafkaSettings } from '../port/settings.js';
import { isEmbedded } from '../producer/producer.js';
import { committedOf } from './committed.js';
import { readRanges } from './range-reader.js';

const METADATA_MS = 10_000;
const ADMIN_MS = 10_000;
const UNCOMMITTED_TOO = { committed: false, timeoutMs: ADMIN_MS };
const DEFAULT_PREFETCH_BYTES = 8 * 1024 * 1024;

/** Who may look, and how long it is tried to reach Kafka. */
export interface InspectorOptions {
  /** Ends the attempts to connect, which otherwise go on without end. */
  readonly signal: AbortSignal;
}

/**
 * Connects a consumer that takes part in nothing. Its readings are made one after the other.
 *
 * @throws {KafkaClientFault} when librdkafka refuses the configuration, or no broker was reached before `signal`
 * @example
 * const inspector = await openInspector(settings, { signal: timeoutSignal(10_000) });
 * const ends = await inspector.offsets([{ topic: 'failed-requests', partition: 0 }], 'end');
 * await inspector.close();
 */
export async function openInspector(settings: KafkaSettings, { signal }: InspectorOptions): Promise<KafkaInspector> {
  const open = () => connect('inbox_reader', settings.events, () => createConsumer(settings), signal);
  const client = await open();
  const admin = librdkafka.AdminClient.createFrom(client);
  const questions = createQuestions(client);
  const closing = new AbortController();
  let last: Promise<unknown> = Promise.resolve();

  /** Readings of one consumer come one after the other. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };
  const read = (
    ranges: readonly OffsetRange[],
    onRecord: (record: KafkaRecord) => void | Promise<void>,
    until?: AbortSignal,
  ) =>
    inTurn(() =>
      readRanges(client, ranges, onRecord, until ? AbortSignal.any([until, closing.signal]) : closing.signal),
    );

  return {
    async cluster() {
      const found = await questions.ask('looking at the cluster', () => metadata(client, null, METADATA_MS));
      return {
        brokers: found.brokers.map(({ host, port }) => ({ host, port })),
        topics: new Map(
          found.topics.map(({ name, partitions }) => [
            name,
            partitions.map(({ id, leader, replicas, isrs }) => ({
              partition: id,
              leader,
              replicas: replicas.length,
              inSync: isrs.length,
            })),
          ]),
        ),
      };
    },
    denied: async (needs) =>
      // The embedded broker does not answer, and has no ACLs.
      isEmbedded(settings)
        ? []
        : await questions.ask('asking what is allowed', () => deniedTopics(admin, needs, ADMIN_MS)),
    offsets: (partitions, moment) => questions.ask('asking for offsets', () => offsetsAt(admin, partitions, moment)),
    committed: (group, partitions) =>
      questions.ask(`asking for offsets of group ${group}`, () =>
        committedOf(settings, group, partitions, AbortSignal.any([closing.signal, timeoutSignal(ADMIN_MS)])),
      ),
    read: (ranges, onRecord, options = {}) => read(ranges, onRecord, options.signal),
    async recordAt({ topic, partition, offset }) {
      let found: KafkaRecord | null = null;
      const [end] = await questions.ask('asking for an offset', () => endOf(admin, { topic, partition }));
      if (end === undefined || offset >= end.offset) return null;
      const enough = new AbortController();
      await read(
        [{ topic, partition, from: offset, to: end.offset }],
        (record) => {
          if (record.offset === offset) found = record;
          enough.abort();
        },
        enough.signal,
      );
      return found;
    },
    createTopic: ({ name, partitions, replicationFactor, config }) =>
      questions.ask(
        `creating topic ${name}`,
        () =>
          new Promise<void>((resolve, reject) => {
            const topic = {
              topic: name,
              num_partitions: partitions,
              replication_factor: replicationFactor,
              ...(config && { config }),
            };
            admin.createTopic(topic, ADMIN_MS, (error) => (error ? reject(error) : resolve()));
          }),
      ),
    deleteRecords: (before) =>
      questions.ask('deleting records', async () => {
        const done = await new Promise<RdListed[]>((resolve, reject) => {
          admin.deleteRecords([...before], { timeout: ADMIN_MS }, (error, results) =>
            error ? reject(error) : resolve(results),
          );
        });
        const refused = done.find(({ error }) => error?.code);
        if (refused) throw fault(`deleting records of ${refused.topic}/${refused.partition}`, refused.error);
      }),
    async close() {
      closing.abort();
      await last;
      await questions.settled();
      await disconnect(client);
    },
  };
}

function createConsumer(settings: KafkaSettings): RdConsumer {
  const config = clientConfig(
    settings,
    'inbox_reader',
    {
      'fetch.wait.max.ms': 10,
      // What is assigned anew would wait for this: 1 s by default, for each look-up.
      'fetch.queue.backoff.ms': 2,
      'fetch.error.backoff.ms': 50,
      'queued.min.messages': 10_000,
      'queued.max.messages.kbytes': DEFAULT_PREFETCH_BYTES / 1024,
      'isolation.level': 'read_uncommitted',
    },
    {
      // Nobody joins it; a consumer has to have one, and Describe on this one is granted already.
      'group.id': INBOX_GROUP,
      'enable.auto.commit': false,
      'enable.auto.offset.store': false,
      'enable.partition.eof': true,
      // A range whose first records retention has taken meanwhile begins where the partition does.
      'auto.offset.reset': 'earliest',
    },
  );
  return new librdkafka.KafkaConsumer(config);
}

/** Kafka's ListOffsets. @throws {RdError} when no broker answers */
async function offsetsAt(
  admin: RdAdmin,
  partitions: readonly TopicPartition[],
  moment: OffsetMoment,
): Promise<PartitionOffset[]> {
  if (partitions.length === 0) return [];
  const found = await listOffsets(admin, partitions, timestampOf(moment), UNCOMMITTED_TOO);
  // -1: no record is that young, so it is the end.
  const later = found.filter(({ offset }) => offset < 0);
  const ends = later.length === 0 ? [] : await listOffsets(admin, later, timestampOf('end'), UNCOMMITTED_TOO);
  return [...found.filter(({ offset }) => offset >= 0), ...ends.filter(({ offset }) => offset >= 0)].map(
    ({ topic, partition, offset }) => ({ topic, partition, offset }),
  );
}

/** {@link offsetsAt} of one partition, its end: empty where there is no such partition, which fails for librdkafka. */
async function endOf(admin: RdAdmin, partition: TopicPartition): Promise<PartitionOffset[]> {
  try {
    return await offsetsAt(admin, [partition], 'end');
  } catch (error) {
    if ((error as RdError).code === CODE.noEntry) return [];
    throw error;
  }
}

function timestampOf(moment: OffsetMoment): number {
  if (moment === 'end') return -1;
  return moment === 'start' ? -2 : Math.floor(moment);
}
