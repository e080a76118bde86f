import { judgeProcessorConfig, processorSummary, startProcessor } from '@kafka-http-proxy/processor';
import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { judgeProxyConfig, proxySummary, startProxy } from '@kafka-http-proxy/proxy';
import { endAtClosedPipe, packageVersion, runCommand, strayWord } from '@kafka-http-proxy/service';
import { runDemo } from './demo/demo.js';
import { demoOptions, demoUsage } from './demo/options.js';
import { chooseMode, usage, WORDS } from './mode.js';
import { operate } from './program/operate.js';

const version = packageVersion(import.meta.url);
const { mode, argv } = chooseMode(process.argv.slice(2), process.env);
endAtClosedPipe(process.stdout, (code) => process.exit(code));

switch (mode) {
  case 'proxy':
    await runCommand({
      name: 'kafka-http-proxy',
      description: 'Runs as the proxy (MODE=proxy).',
      tier: 'proxy',
      version,
      schema: proxyConfig,
      other: { tier: 'processor', command: 'kafka-http-proxy processor', schema: processorConfig },
      start: startProxy,
      judge: judgeProxyConfig,
      summary: proxySummary,
      words: WORDS,
      argv,
    });
    break;
  case 'processor':
    await runCommand({
      name: 'kafka-http-proxy',
      description: 'Runs as the processor (MODE=processor).',
      tier: 'processor',
      version,
      schema: processorConfig,
      other: { tier: 'proxy', command: 'kafka-http-proxy proxy', schema: proxyConfig },
      start: startProcessor,
      judge: judgeProcessorConfig,
      summary: processorSummary,
      words: WORDS,
      argv,
    });
    break;
  case 'demo': {
    const options = demoOptions(argv, process.env);
    if (options === 'help') process.stdout.write(demoUsage());
    else if ('mistake' in options) refuse(options.mistake);
    // What broke must not keep the process: its sockets may still be open.
    else process.exit(await runDemo(version, options));
    break;
  }
  case 'operator':
    process.exit(await operate(argv, version));
    break;
  case 'help':
    process.stdout.write(usage());
    break;
  case 'stray':
    refuse(strayWord(argv[0] ?? '', WORDS));
    break;
  default:
    refuse(`MODE: proxy or processor was expected, ${JSON.stringify(process.env.MODE)} was found`);
}

function refuse(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 2;
}
