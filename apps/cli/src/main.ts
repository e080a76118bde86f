import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { endAtClosedPipe, packageVersion, runCommand, strayWord } from '@kafka-http-proxy/service';
import { chooseMode, usage, WORDS } from './mode.js';
import { answerShell, operate } from './program/operate.js';

const version = packageVersion(import.meta.url);
const { mode, argv } = chooseMode(process.argv.slice(2), process.env);
endAtClosedPipe(process.stdout, (code) => process.exit(code));

// Only what runs is loaded: a shell that completes a word waits for it.
switch (mode) {
  case 'proxy': {
    const { judgeProxyConfig, proxySummary, startProxy } = await import('@kafka-http-proxy/proxy');
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
  }
  case 'processor': {
    const { judgeProcessorConfig, processorSummary, startProcessor } = await import('@kafka-http-proxy/processor');
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
  }
  case 'demo': {
    const { demoOptions, demoUsage } = await import('./demo/options.js');
    const options = demoOptions(argv, process.env);
    if (options === 'help') process.stdout.write(demoUsage());
    else if ('mistake' in options) refuse(options.mistake);
    // What broke must not keep the process: its sockets may still be open.
    else process.exit(await (await import('./demo/demo.js')).runDemo(version, options));
    break;
  }
  case 'operator':
    process.exit(await operate(argv, version));
    break;
  case 'complete':
    process.exit(await answerShell(argv, version));
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
