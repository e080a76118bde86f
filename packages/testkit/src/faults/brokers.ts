import { setTimeout as pause } from 'node:timers/promises';
import type { RealKafka } from '../kafka/real-kafka.js';
import { coordinatorOf, leaderOf } from '../kafka/topic-admin.js';
import { CONNECTION_LOST, type Fault } from './fault.js';
import { answered } from './services.js';

// What waited for a broker is a queue afterwards: some of it is late, and the door may close for a moment.
const GONE = [
  'kafka_unavailable',
  'timeout',
  'backend_timeout',
  'overloaded',
  'processor_lost',
  'processing_failed',
  ...CONNECTION_LOST,
];
const common = { proxies: 2, processors: 2, codes: GONE, repeats: true, maxGapMs: 15_000, short: false } as const;

/** Faults of the brokers. */
export const BROKER_FAULTS: readonly Fault[] = [
  {
    ...common,
    name: 'broker: kill -9 of the only one, started again',
    brokers: 1,
    maxGapMs: 30_000,
    short: true,
    async inject({ kafka, world }) {
      await kafka.kill(0);
      await kafka.start(0);
      await answered(world);
    },
  },
  {
    ...common,
    name: 'broker: SIGSTOP of the only one for 8 s',
    brokers: 1,
    maxGapMs: 20_000,
    async inject({ kafka, world }) {
      await freeze(kafka, 0);
      await answered(world);
    },
  },
  {
    ...common,
    name: 'broker: kill -9 of the leader of a request partition, one of three',
    brokers: 3,
    short: true,
    async inject({ kafka, world }) {
      const leader = await leaderOf(world.broker, world.requestTopic, 0);
      await restartAfter(kafka, leader);
    },
  },
  {
    ...common,
    name: 'broker: kill -9 of the group coordinator, one of three',
    brokers: 3,
    async inject({ kafka, world }) {
      const coordinator = await coordinatorOf(world.broker, `processor-${world.requestTopic}`);
      await restartAfter(kafka, coordinator);
    },
  },
  {
    ...common,
    name: 'broker: SIGSTOP of the leader of a request partition for 8 s, one of three',
    brokers: 3,
    async inject({ kafka, world }) {
      const leader = await leaderOf(world.broker, world.requestTopic, 0);
      await freeze(kafka, leader);
    },
  },
  {
    ...common,
    name: 'broker: SIGSTOP of the group coordinator for 8 s, one of three',
    brokers: 3,
    async inject({ kafka, world }) {
      const coordinator = await coordinatorOf(world.broker, `processor-${world.requestTopic}`);
      await freeze(kafka, coordinator);
    },
  },
  {
    ...common,
    name: 'broker: rolling restart of three',
    brokers: 3,
    async inject({ kafka }) {
      for (const broker of [0, 1, 2]) {
        await kafka.kill(broker, 'SIGTERM');
        await kafka.start(broker);
        await pause(3000);
      }
    },
  },
];

/** How long a broker is away, ms. */
const AWAY_MS = 8000;

async function restartAfter(kafka: RealKafka, broker: number): Promise<void> {
  await kafka.kill(broker);
  await pause(AWAY_MS);
  await kafka.start(broker);
}

async function freeze(kafka: RealKafka, broker: number): Promise<void> {
  await kafka.kill(broker, 'SIGSTOP');
  await pause(AWAY_MS);
  await kafka.kill(broker, 'SIGCONT');
}
