import { setTimeout as pause } from 'node:timers/promises';
import { ensureTopics } from '@kafka-http-proxy/kafka';
import { testSettings } from '../kafka/probe.js';
import { deleteTopic } from '../kafka/topic-admin.js';
import { type Arena, CONNECTION_LOST, type Fault, UNNOTICED } from './fault.js';
import { answered } from './services.js';
import { PARTITIONS, type World } from './world.js';

const GONE = [
  'timeout',
  'kafka_unavailable',
  'topic_not_allowed',
  'processor_lost',
  'processing_failed',
  'overloaded',
  ...CONNECTION_LOST,
];
const common = { ...UNNOTICED, codes: GONE, repeats: true, maxGapMs: 40_000 };

/** After what was broken is there again, ms. */
const BACK_MS = 30_000;

/** Topics that get a second life by the same name: what was known of the first must not be taken for it. */
export const LIFE_FAULTS: readonly Fault[] = [
  {
    ...common,
    name: 'lives: the request topic deleted and created again, its broker restarted before',
    short: true,
    inject: secondLife,
  },
  {
    ...common,
    name: 'lives: the same, with the group protocol consumer (KIP-848)',
    setting: { processorEnv: { GROUP_PROTOCOL: 'consumer' } },
    inject: secondLife,
  },
  {
    ...common,
    name: 'lives: the response topic deleted and created again, with one partition',
    short: true,
    async inject({ world }) {
      await deleteTopic(world.broker, world.responseTopic);
      await pause(1000);
      await make(world, [world.responseTopic], 1);
      await backSoon(world);
    },
  },
  {
    ...common,
    name: 'lives: Kafka comes back empty',
    maxGapMs: 60_000,
    short: true,
    async inject({ world, kafka }) {
      await kafka.kill(0);
      await kafka.empty(0);
      await kafka.start(0);
      await backSoon(world);
      await world.watchAnew();
    },
  },
  {
    ...common,
    name: 'lives: Kafka comes back empty, and topics are made by hand',
    maxGapMs: 70_000,
    setting: { env: { KAFKA_CREATE_TOPICS: 'false' } },
    async inject({ world, kafka }) {
      await kafka.kill(0);
      await kafka.empty(0);
      await kafka.start(0);
      await refusing(world);
      await make(world, [world.requestTopic, world.deadLetterTopic, world.controlTopic], PARTITIONS);
      await make(world, [world.responseTopic], PARTITIONS);
      await backSoon(world);
      await world.watchAnew();
    },
  },
];

/** At the epochs of a new broker all is well: a restart raises them. */
async function secondLife({ world, kafka }: Arena): Promise<void> {
  await kafka.kill(0, 'SIGTERM');
  await kafka.start(0);
  await answered(world);
  await pause(2000);
  await deleteTopic(world.broker, world.requestTopic);
  await pause(1000);
  await make(world, [world.requestTopic], PARTITIONS);
  await world.watchAnew();
  await backSoon(world);
}

async function make(world: World, topics: readonly string[], partitions: number): Promise<void> {
  await ensureTopics(testSettings(world.broker), topics, { partitions, replicationFactor: 1, timeoutMs: 30_000 });
}

/** @throws {Error} when no request is answered in the time that is promised */
async function backSoon(world: World): Promise<void> {
  const late = pause(BACK_MS).then(() => {
    throw new Error(`no request was answered ${BACK_MS} ms after all was there again`);
  });
  late.catch(() => undefined);
  await Promise.race([answered(world), late]);
}

/** Resolves when each service says that it can't work. */
async function refusing(world: World): Promise<void> {
  for (const { managementPort } of [...world.proxies, ...world.processors]) {
    for (;;) {
      const response = await fetch(`http://127.0.0.1:${managementPort}/ready`);
      await response.arrayBuffer();
      if (response.status === 503) break;
      await pause(100);
    }
  }
}
