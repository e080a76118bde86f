import { setTimeout as sleep } from 'node:timers/promises';
import { brokerEnv, freePort, type ServiceProcess, startService } from '@kafka-http-proxy/testkit';
import { createTopics, deleteTopics, freshName } from '../harness/topics.js';
import { measured, type Section } from '../report/outcome.js';
import { median } from '../report/percentiles.js';
import type { BenchRun } from './bench-run.js';
import { atMost } from './compare.js';
import { PARTITIONS } from './pair.js';

const TARGET = atMost(1.5);
const TIERS = ['proxy', 'processor'] as const;
/** Between two questions, ms: asking all the time would slow what is asked. */
const ASK_MS = 10;

/** From the start of a process to its being ready, on a running broker whose topics are there. */
export async function measureStart({ context, options, backend }: BenchRun): Promise<Section> {
  const broker = await context.broker();
  const name = freshName();
  const topics = ['requests', 'responses', 'failed', 'control'].map((topic) => `${name}-${topic}`);
  const [requests, responses, failed, control] = topics as [string, string, string, string];
  await createTopics(broker, topics, PARTITIONS);
  const common = { ...brokerEnv(broker), DEAD_LETTER_TOPIC: failed, CONTROL_TOPIC: control, ...options.env };
  const env = {
    proxy: { DEFAULT_REQUEST_TOPIC: requests, DEFAULT_RESPONSE_TOPIC: responses, PROXY_PORT: '0' },
    processor: { KAFKA_TOPICS: `bench:${requests},${responses},${backend}`, CONSUMER_GROUP_BENCH: name },
  };
  const times = { proxy: [] as number[], processor: [] as number[] };
  for (let round = 0; round < Math.max(3, options.rounds); round++) {
    for (const tier of TIERS) {
      context.progress.say(`start: ${tier}`);
      const managementPort = await freePort();
      const startedMs = performance.now();
      const service = await startService(tier, {
        env: { ...common, ...env[tier], MANAGEMENT_PORT: String(managementPort) },
        managementPort,
      });
      context.cleanup.add(async () => void (await service.stop()));
      await ready(service);
      times[tier].push((performance.now() - startedMs) / 1000);
      await service.stop();
    }
  }
  await deleteTopics(broker, topics);
  return {
    title: 'start: from the start of a process to /ready',
    entries: TIERS.map((tier) => measured(tier, median(times[tier]), 's', { runs: times[tier], target: TARGET })),
  };
}

async function ready({ managementPort }: ServiceProcess): Promise<void> {
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${managementPort}/ready`);
    await response.arrayBuffer();
    if (response.ok) return;
    await sleep(ASK_MS);
  }
}
