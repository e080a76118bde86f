import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedBroker } from '@kafka-http-proxy/kafka';

/** What both tiers of the demo are configured with, as their files say it. */
export interface DemoConfigurations {
  readonly proxy: Readonly<Record<string, unknown>>;
  readonly processor: Readonly<Record<string, unknown>>;
}

const GRACE_SECONDS = 5;
const DEAD_LETTERS = 'failed-requests';

/** @param backendUrl where the demo's backend listens */
export function demoConfigurations(
  { bootstrapServers, properties }: Pick<EmbeddedBroker, 'bootstrapServers' | 'properties'>,
  backendUrl: string,
): DemoConfigurations {
  const kafka = { bootstrap_servers: bootstrapServers, properties };
  const both = { kafka, dead_letter_topic: DEAD_LETTERS, shutdown_grace: GRACE_SECONDS };
  return {
    proxy: { ...both, host: '127.0.0.1', allowed_topics: [] },
    processor: {
      ...both,
      topics: [{ request_topic: 'common-requests', response_topic: 'common-responses', backend_url: backendUrl }],
      health_check_interval: 0,
    },
  };
}

/** Writes `proxy.yaml` and `processor.yaml`, for the commands of the operator. @throws Error of the file system */
export async function writeConfigurations(dir: string, configurations: DemoConfigurations): Promise<void> {
  const { stringify } = await import('yaml');
  await mkdir(dir, { recursive: true });
  for (const [tier, config] of Object.entries(configurations)) {
    await writeFile(join(dir, `${tier}.yaml`), stringify(config));
  }
}
