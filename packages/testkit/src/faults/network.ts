import { setTimeout as pause } from 'node:timers/promises';
import type { Toxiproxy } from '../services/toxiproxy.js';
import { CONNECTION_LOST, type Fault, UNNOTICED } from './fault.js';
import { answered } from './services.js';
import type { Tier, World } from './world.js';

const AWAY_MS = 8000;
const GONE = ['kafka_unavailable', 'timeout', 'processor_lost', 'processing_failed', ...CONNECTION_LOST];

/** Faults of the network between one tier and Kafka; the other tier's is well. */
export const NETWORK_FAULTS: readonly Fault[] = (['proxies', 'processors'] as const).flatMap((tier) => {
  const common = { ...UNNOTICED, setting: { relayed: tier }, codes: GONE, repeats: true, maxGapMs: 20_000 };
  return [
    {
      ...common,
      name: `network: the ${tier} refused by Kafka for 8 s`,
      async inject({ world }) {
        await network(world).cut(true);
        await pause(AWAY_MS);
        await network(world).cut(false);
        await answered(world);
      },
    },
    {
      ...common,
      name: `network: what goes between the ${tier} and Kafka disappears for 8 s`,
      short: tier === 'processors',
      async inject({ world }) {
        await network(world).swallow();
        await pause(AWAY_MS);
        await network(world).heal();
        await answered(world);
      },
    },
    {
      ...common,
      name: `network: connections between the ${tier} and Kafka reset, five times in 5 s`,
      async inject({ world }) {
        for (let i = 0; i < 5; i++) {
          await network(world).reset();
          await pause(200);
          await network(world).heal();
          await pause(800);
        }
        await answered(world);
      },
    },
    {
      ...UNNOTICED,
      name: `network: 100 ± 50 ms more each way between the ${tier} and Kafka`,
      setting: { relayed: tier as Tier },
      async inject({ world }) {
        await network(world).delay(100, 50);
        await pause(8000);
        await network(world).heal();
      },
    },
    {
      ...common,
      // librdkafka#5301: a client that was told of no broker may have none for good.
      name: `network: metadata names no broker to the ${tier} for 15 s`,
      setting: { relayed: tier as Tier, forgetful: true },
      maxGapMs: 45_000,
      async inject({ world }) {
        world.forgetful?.forget(true);
        await pause(15_000);
        world.forgetful?.forget(false);
        await answered(world);
      },
    },
  ] satisfies Fault[];
});

function network({ network: between }: World): Toxiproxy {
  if (between === null) throw new Error('this fault needs `relayed`');
  return between;
}
