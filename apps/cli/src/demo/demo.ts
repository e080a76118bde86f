import { startEmbeddedBroker } from '@kafka-http-proxy/kafka';
import { startProcessor } from '@kafka-http-proxy/processor';
import { processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { type RunningProxy, startProxy } from '@kafka-http-proxy/proxy';
import { createCloser, createLogger, createRegistry, describeError, onStopSignals } from '@kafka-http-proxy/service';
import { openTracing } from '@kafka-http-proxy/tracing';
import { startDemoBackend } from './backend.js';
import { type DemoConfigurations, demoConfigurations, writeConfigurations } from './configurations.js';
import { watchHops } from './hops.js';
import type { DemoOptions } from './options.js';
import { startSwitch } from './switch.js';

/** For all of the stop, ms. */
const STOP_MS = 10_000;
const TARGET = '/orders/42?expand=items';
const WARM_UPS = 20;
const BODY = '{"quantity":2}';

/**
 * Runs the main job in one process: embedded broker, backend, processor and proxy; sends one request
 * through, prints it with the time of each hop, and stays until it is interrupted.
 *
 * @returns the exit code
 */
export async function runDemo(version: string, { port, configs }: DemoOptions): Promise<number> {
  const stopping = new AbortController();
  const interrupted = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
  // Somebody who presses Ctrl-C twice means the same, and nothing here is worth waiting for.
  onStopSignals(process, { stop: () => stopping.abort(), force: () => process.exit(0) });
  const logger = createLogger({ name: 'demo', level: 'warn' });
  const closer = createCloser(logger);
  const hops = watchHops();
  try {
    const broker = await startEmbeddedBroker();
    closer.add('the broker', () => broker.close());
    say(`Kafka      embedded broker on ${broker.bootstrapServers} (in memory, nothing is kept)`);

    const backend = await startDemoBackend();
    closer.add('the backend', () => backend.close());
    say(`backend    ${backend.url}`);

    const configurations = demoConfigurations(broker, backend.url);
    const open = async (tier: string) => {
      const tracing = await openTracing({
        serviceName: `kafka-http-proxy-${tier}`,
        version,
        environment: process.env,
        logger,
      });
      closer.add(`the spans of the ${tier}`, (graceMs) => tracing?.stop(graceMs));
      return { logger, registry: createRegistry({ name: tier, version }), tracing };
    };
    const processor = await startProcessor(processorConfig.parse(configurations.processor), await open('processor'));
    closer.add('the processor', () => processor.stop());
    const proxy = await startOnPort(port, configurations.proxy, await open('proxy'), version);
    closer.add('the proxy', () => proxy.stop());
    await Promise.race([Promise.all([processor.connected, proxy.connected]), interrupted]);
    if (stopping.signal.aborted) return 0;
    say('processor  common-requests -> backend -> common-responses');
    say(`proxy      http://localhost:${proxy.port}`);

    await sendOne(`http://127.0.0.1:${proxy.port}`, hops);
    if (configs !== null) {
      await writeConfigurations(configs, { ...configurations, proxy: { ...configurations.proxy, port: proxy.port } });
      const control = await startSwitch(backend);
      closer.add('the switch', () => control.close());
      say(`\nOperate:  configurations of both tiers are in ${configs}`);
      say(`Break it: curl -X POST ${control.url}/break`);
      say(`Mend it:  curl -X POST ${control.url}/repair`);
    }
    say(`\nTry it:   curl -i -X POST -d hello 'http://localhost:${proxy.port}/anything?x=1'`);
    say('Ctrl-C ends it.');
    await interrupted;
    return 0;
  } catch (error) {
    if (stopping.signal.aborted) return 0;
    logger.fatal(`the demo failed: ${describeError(error)}`);
    return 1;
  } finally {
    await closer.close(STOP_MS);
  }
}

const PREFERRED_PORT = 8080;

/** On the port that was asked for; else on 8080, or on a free one where that is taken. */
async function startOnPort(
  wanted: number | null,
  config: DemoConfigurations['proxy'],
  context: Parameters<typeof startProxy>[1],
  version: string,
): Promise<RunningProxy> {
  // A start that fails leaves its metrics behind.
  const start = (port: number) =>
    startProxy(proxyConfig.parse({ ...config, port }), {
      ...context,
      registry: createRegistry({ name: 'proxy', version }),
    });
  if (wanted !== null) return await start(wanted);
  try {
    return await start(PREFERRED_PORT);
  } catch {
    say(`           port ${PREFERRED_PORT} is taken: the proxy gets a free one (PROXY_PORT chooses another)`);
    return await start(0);
  }
}

async function sendOne(origin: string, hops: ReturnType<typeof watchHops>): Promise<void> {
  // The first requests of a process pay for connections and cold code; they would hide the way itself.
  for (let i = 0; i < WARM_UPS; i++) await fetch(`${origin}/warm-up`).then((response) => response.arrayBuffer());
  const startedMs = performance.now();
  const response = await fetch(`${origin}${TARGET}`, { method: 'POST', body: BODY });
  const text = await response.text();
  const totalMs = performance.now() - startedMs;
  say(`\nPOST ${TARGET}\n${BODY}\n`);
  say(`${response.status} ${response.statusText}, ${response.headers.get('content-type')}\n${text}\n`);
  const took = hops.last();
  if (took === undefined) return;
  const rest = Math.max(0, totalMs - took.requestMs - took.backendMs - took.replyMs);
  say('hop                                   ms');
  for (const [hop, ms] of [
    ['client <-> proxy', rest],
    ['proxy -> Kafka -> processor', took.requestMs],
    ['processor <-> backend', took.backendMs],
    ['processor -> Kafka -> proxy', took.replyMs],
    ['in all', totalMs],
  ] as const) {
    say(`${hop.padEnd(30)}${ms.toFixed(1).padStart(10)}`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
