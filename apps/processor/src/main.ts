import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { packageVersion, runCommand, tlsWarnings } from '@kafka-http-proxy/service';
import { judgeProcessorConfig } from './kafka/judge-config.js';
import { processorSummary } from './observe/summary.js';
import { startProcessor } from './start.js';

await runCommand({
  name: 'kafka-processor',
  description: 'Takes requests from Kafka topics, calls the HTTP backend of each and publishes the replies.',
  tier: 'processor',
  version: packageVersion(import.meta.url),
  schema: processorConfig,
  other: { tier: 'proxy', command: 'kafka-proxy', schema: proxyConfig },
  start: startProcessor,
  warnings: ({ tls }) => tlsWarnings(tls, Date.now()),
  judge: judgeProcessorConfig,
  summary: processorSummary,
});
