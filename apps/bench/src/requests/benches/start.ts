import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, type ServiceProcess, startService } from '@kafka-http-proxy/testkit';
import { measured, type Section } from '../../report/outcome.js';
import { median } from '../../report/percentiles.js';
import type { BenchRun } from '../measuring/bench-run.js';
import { atMost } from '../measuring/compare.js';
import { createServiceTopics } from '../measuring/service-topics.js';

const TARGETS = { proxy: atMost(1), processor: atMost(1.5) };
const TIERS = ['proxy', 'processor'] as const;
/** Starts of each; a median needs no more. */
const STARTS = 9;
/** Between two questions, ms: asking all the time would slow what is asked. */
const ASK_MS = 10;

/** From the start of a process to its being ready, on a running broker whose topics are there. */
export async function measureStart({ context, options, backend }: BenchRun): Promise<Section> {
  const topics = await createServiceTopics(await context.broker(), backend);
  const times = { proxy: [] as number[], processor: [] as number[] };
  for (let round = 0; round < STARTS; round++) {
    for (const tier of TIERS) {
      context.progress.say(`start: ${tier}`);
      const managementPort = await freePort();
      const startedMs = performance.now();
      const service = await startService(tier, {
        env: { ...topics.env[tier], MANAGEMENT_PORT: String(managementPort), ...options.env },
        managementPort,
      });
      context.cleanup.add(async () => void (await service.stop()));
      await ready(service);
      times[tier].push((performance.now() - startedMs) / 1000);
      await service.stop();
    }
  }
  await topics.remove();
  return {
    title: 'start: from the start of a process to /ready',
    entries: TIERS.map((tier) =>
      measured(tier, median(times[tier]), 's', { runs: times[tier], target: TARGETS[tier] }),
    ),
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
