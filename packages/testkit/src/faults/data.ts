import { setTimeout as pause } from 'node:timers/promises';
import { ensureTopics } from '@kafka-http-proxy/kafka';
import { produceAll, testSettings } from '../kafka/probe.js';
import { addPartitions, deleteTopic, withConfig } from '../kafka/topic-admin.js';
import type { Mood } from '../ledger/ledger-backend.js';
import { CONNECTION_LOST, type Fault, UNNOTICED } from './fault.js';
import { answered } from './services.js';
import { PARTITIONS, type World } from './world.js';

/** Longer than the clients take to notice new partitions (topic.metadata.refresh.interval.ms). */
const NOTICED_MS = 12_000;

/** Faults of topics, of what is in them, and of the backend. */
export const DATA_FAULTS: readonly Fault[] = [
  {
    ...UNNOTICED,
    name: 'topics: partitions added to the request topic',
    async inject({ world }) {
      await addPartitions(world.broker, world.requestTopic, PARTITIONS + 3);
      await pause(NOTICED_MS);
    },
  },
  {
    ...UNNOTICED,
    name: 'topics: partitions added to the response topic',
    async inject({ world }) {
      await addPartitions(world.broker, world.responseTopic, PARTITIONS + 3);
      await pause(NOTICED_MS);
    },
  },
  {
    ...UNNOTICED,
    name: 'topics: the response topic deleted and created again',
    codes: [
      'timeout',
      'processor_lost',
      'kafka_unavailable',
      'topic_not_allowed',
      'processing_failed',
      ...CONNECTION_LOST,
    ],
    maxGapMs: 30_000,
    short: true,
    async inject({ world }) {
      await deleteTopic(world.broker, world.responseTopic);
      await pause(1000);
      const creation = { partitions: PARTITIONS, replicationFactor: 1, timeoutMs: 30_000 };
      await ensureTopics(testSettings(world.broker), [world.responseTopic], creation);
      await pause(10_000);
    },
  },
  {
    ...UNNOTICED,
    name: 'produce: the response topic takes no record above 2 KB for 5 s',
    // Replies of one small record go on; those of several can't, nor begin.
    // A batch is refused as a whole, so one that shares it with others fails with them.
    codes: ['reply_too_large', 'processing_failed', 'processor_lost', 'timeout', ...CONNECTION_LOST],
    async inject({ world, kafka }) {
      const most = ['max.message.bytes', '2000'] as const;
      await withConfig(kafka, ['topics', world.responseTopic], most, () => pause(5000));
    },
  },
  {
    ...UNNOTICED,
    name: 'produce: a quota of 50 KB/s for each client, for 5 s',
    codes: ['timeout', 'kafka_unavailable', 'overloaded', 'processor_lost', ...CONNECTION_LOST],
    maxGapMs: 30_000,
    async inject({ world, kafka }) {
      await withConfig(kafka, ['clients', null], ['producer_byte_rate', '50000'], () => pause(5000));
      // The broker holds an answer back for as long as what came exceeds the quota.
      await answered(world);
    },
  },
  {
    ...UNNOTICED,
    name: 'records: poison in each partition of the request topic',
    short: true,
    async inject({ world }) {
      const values = [null, Buffer.from('{'), Buffer.alloc(100_000, 0xff)];
      const headers = [[], [{ khp: Buffer.from('{"v":3}') }], [{ khp: Buffer.from('{"v":2,"method":') }]];
      await produceAll(
        world.broker,
        Array.from({ length: PARTITIONS }, (_, partition) =>
          values.flatMap((value) =>
            headers.map((list) => ({ topic: world.requestTopic, partition, key: null, value, headers: list })),
          ),
        ).flat(),
      );
    },
  },
  {
    ...UNNOTICED,
    name: 'backend: closes each connection for 3 s',
    codes: ['backend_unreachable', 'backend_unhealthy', 'timeout'],
    // What may be repeated is.
    repeats: true,
    maxGapMs: 15_000,
    async inject({ world }) {
      await spend(world, 'broken', 3000);
    },
  },
  {
    ...UNNOTICED,
    name: 'backend: flaps, half a second each',
    codes: ['backend_unreachable', 'backend_unhealthy', 'timeout'],
    repeats: true,
    maxGapMs: 15_000,
    async inject({ world }) {
      for (let i = 0; i < 3; i++) {
        await spend(world, 'broken', 500);
        await pause(500);
      }
    },
  },
  {
    ...UNNOTICED,
    name: 'backend: hangs for 3 s',
    codes: ['backend_timeout', 'backend_unhealthy', 'timeout'],
    repeats: true,
    maxGapMs: 20_000,
    async inject({ world }) {
      await spend(world, 'hanging', 3000);
      await pause(10_000);
    },
  },
];

/** Has the backend behave in another way for a while. */
async function spend({ backend }: World, mood: Mood, ms: number): Promise<void> {
  backend.mood = mood;
  await pause(ms);
  backend.mood = 'well';
}
