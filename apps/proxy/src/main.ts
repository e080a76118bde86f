import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { packageVersion, runCommand, tlsWarnings } from '@kafka-http-proxy/service';
import { judgeProxyConfig } from './judge-config.js';
import { startProxy } from './start.js';
import { proxySummary } from './summary.js';

await runCommand({
  name: 'kafka-proxy',
  description: 'Takes HTTP requests, publishes each to a Kafka topic and answers with the correlated reply.',
  tier: 'proxy',
  version: packageVersion(import.meta.url),
  schema: proxyConfig,
  other: { tier: 'processor', command: 'kafka-processor', schema: processorConfig },
  start: startProxy,
  warnings: ({ tls }) => tlsWarnings(tls, Date.now()),
  judge: judgeProxyConfig,
  summary: proxySummary,
});
