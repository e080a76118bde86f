import { judgeProcessorConfig, startProcessor } from '@kafka-http-proxy/processor';
import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { judgeProxyConfig, startProxy } from '@kafka-http-proxy/proxy';
import { packageVersion, runCommand } from '@kafka-http-proxy/service';
import { runDemo } from './demo/demo.js';
import { chooseMode, USAGE } from './mode.js';

const version = packageVersion(import.meta.url);
const { mode, argv } = chooseMode(process.argv.slice(2), process.env);

switch (mode) {
  case 'proxy':
    await runCommand({
      name: 'kafka-http-proxy',
      description: 'Runs as the proxy (MODE=proxy).',
      version,
      schema: proxyConfig,
      start: startProxy,
      judge: judgeProxyConfig,
      argv,
    });
    break;
  case 'processor':
    await runCommand({
      name: 'kafka-http-proxy',
      description: 'Runs as the processor (MODE=processor).',
      version,
      schema: processorConfig,
      start: startProcessor,
      judge: judgeProcessorConfig,
      argv,
    });
    break;
  case 'demo':
    process.exitCode = await runDemo(version);
    break;
  case 'help':
    process.stdout.write(USAGE);
    break;
  default:
    process.stderr.write(`MODE was "${process.env.MODE}", proxy or processor was expected\n`);
    process.exitCode = 2;
}
