import { processorConfig } from '@kafka-http-proxy/protocol';
import { packageVersion, runCommand } from '@kafka-http-proxy/service';
import { judgeProcessorConfig } from './judge-config.js';
import { startProcessor } from './start.js';

await runCommand({
  name: 'kafka-processor',
  description: 'Takes requests from Kafka topics, calls the HTTP backend of each and publishes the replies.',
  version: packageVersion(import.meta.url),
  schema: processorConfig,
  start: startProcessor,
  judge: judgeProcessorConfig,
});
