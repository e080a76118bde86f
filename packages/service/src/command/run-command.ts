import { openTracing, type Tracing } from '@kafka-http-proxy/tracing';
import type { Registry } from 'prom-client';
import type { z } from 'zod';
import { ConfigError } from '../config/config-error.js';
import { type ConfigDoubt, configFile } from '../config/load-config.js';
import { maskSecrets } from '../config/mask-secrets.js';
import { nearVariables } from '../config/near-variables.js';
import type { OtherTier } from '../config/other-tier.js';
import { type Environment, valueAt } from '../config/plain.js';
import type { LogWriter } from '../log/log-writer.js';
import { createLogger, type Logger, type LogLevel } from '../log/logger.js';
import { logToStandardOutput, registerLogWriter } from '../log/standard-output.js';
import { createRegistry } from '../metrics/registry.js';
import { type ConfigSource, createConfigSource } from '../reload/config-source.js';
import type { ConfigStatus } from '../reload/config-status.js';
import { registerReloadMetrics } from '../reload/reload-metrics.js';
import { parseArguments, USAGE } from './arguments.js';
import { endAtClosedPipe } from './closed-pipe.js';
import { collectLessOften } from './heap.js';
import type { HostProcess } from './host-process.js';
import { createLiveConfig } from './live-config.js';
import { onReloadSignal } from './reload-signal.js';
import { runService } from './run-service.js';
import { type RunningService, sendingLastSpans } from './running-service.js';
import { firstLines, listeningLines, READY_LINE, type StartSummary } from './start-lines.js';

/** What is handed to a service's start. */
export interface StartContext {
  readonly logger: Logger;
  /** For the lines of a start: the logger; on a terminal, which shows a start in its own way, at debug. */
  readonly startLog: StartLog;
  readonly registry: Registry;
  /** What `/status` says about the configuration, reloads included. */
  readonly configStatus: () => ConfigStatus;
  /** Takes lines of another kind than the logger's; left out where the log goes elsewhere than to standard output. */
  readonly output?: Pick<LogWriter, 'offer'> | undefined;
  /** Null where no OTEL_* variable asks for traces. */
  readonly tracing: Tracing | null;
  /** Aborted when a signal stops the process before the start was done. */
  readonly signal: AbortSignal;
}

/** Where the lines of a start go. */
export type StartLog = Pick<Logger, 'info'>;

/** The keys of a configuration that the command itself needs. */
export interface ServiceConfig {
  readonly log_level: LogLevel;
  /** Seconds. */
  readonly shutdown_grace: number;
}

/** What a service is, as a command. */
export interface CommandOptions<
  S extends z.ZodType<ServiceConfig>,
  R extends RunningService<z.output<S>> = RunningService<z.output<S>>,
> {
  /** The binary's name. */
  readonly name: string;
  readonly description: string;
  /** What the names of its metrics begin with. */
  readonly tier: 'proxy' | 'processor';
  readonly version: string;
  readonly schema: S;
  /** The tier that a file, or a variable, may have been meant for. */
  readonly other?: OtherTier;
  readonly start: (config: z.output<S>, context: StartContext) => Promise<R>;
  /** What a terminal is shown of a start. */
  readonly summary?: (config: z.output<S>, service: R) => StartSummary;
  /** Words that the command line may begin with, which the caller has taken off. */
  readonly words?: readonly string[];
  /** What is wrong with a configuration that the schema takes; asked at each start and by `--check`. */
  readonly judge?: (config: z.output<S>) => Promise<readonly ConfigDoubt[]>;
  /** What of it works, and may not for long: said by `--check`. The service itself says it in its log. */
  readonly warnings?: (config: z.output<S>) => readonly string[];
  /** Arguments after the script's name; those of the process when left out. */
  readonly argv?: readonly string[];
  readonly environment?: Environment;
  readonly host?: HostProcess;
  /** The log; standard output when left out. */
  readonly createLogger?: typeof createLogger;
}

/** Longest that the end waits for who reads the log, ms. */
const LAST_LINES_MS = 1000;

/**
 * Runs a service as a process: arguments, configuration, start, signals, stop, exit.
 *
 * @returns the exit code, after `exit` was called with it
 * @example
 * await runCommand({
 *   name: 'kafka-proxy',
 *   description: 'HTTP over Kafka',
 *   tier: 'proxy',
 *   version: packageVersion(import.meta.url),
 *   schema: proxyConfig,
 *   start: async (config, { logger, registry }) => await startProxy(config, { logger, registry }),
 * });
 */
export async function runCommand<S extends z.ZodType<ServiceConfig>, R extends RunningService<z.output<S>>>(
  options: CommandOptions<S, R>,
): Promise<number> {
  const host: HostProcess = options.host ?? process;
  if (host === process) {
    collectLessOften();
    endAtClosedPipe(process.stdout, (code) => process.exit(code));
  }
  const code = await run(options, host);
  host.exit(code);
  return code;
}

async function run<S extends z.ZodType<ServiceConfig>, R extends RunningService<z.output<S>>>(
  options: CommandOptions<S, R>,
  host: HostProcess,
): Promise<number> {
  const { name, tier, version, schema, other, environment = process.env } = options;
  const flags = parseArguments(options, host);
  if (typeof flags === 'number') return flags;

  let config: z.output<S>;
  let file: string | undefined;
  let source: ConfigSource<z.output<S>>;
  const firstMs = Date.now();
  try {
    const { judge = async () => [] } = options;
    file = configFile({ file: flags.config, environment });
    source = createConfigSource({ schema, file, environment, other }, judge);
    config = (await source.load()).config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    host.stderr.write(`${error.message}\n`);
    return USAGE;
  }
  const shown = maskSecrets(config, schema);
  const near = nearVariables(schema, environment, other === undefined ? [] : [other.schema]).map(
    (variable) => `nothing reads the variable ${variable.name}; did you mean ${variable.meant}?`,
  );
  if (flags.check) {
    const warnings = options.warnings?.(config) ?? [];
    for (const sentence of [...near, ...warnings]) host.stderr.write(`warning: ${sentence}\n`);
    const { printConfig } = await import('./print-config.js');
    host.stdout.write(printConfig(shown, flags.json ? 'json' : 'yaml'));
    return 0;
  }

  const output = host === process ? logOfService() : null;
  const logger = (options.createLogger ?? createLogger)({
    name,
    level: config.log_level,
    ...(output === null ? {} : { destination: output }),
  });
  const registry = createRegistry({ name, version });
  if (output !== null) {
    registerLogWriter(registry, output);
    output.onResumed((dropped) => logger.error({ dropped }, `${dropped} log lines were dropped: nobody read them`));
  }
  // A person gets a few lines; the configuration is behind --check.
  const terminal = host.stdout.isTTY === true && logger.isLevelEnabled('info') ? host.stdout : null;
  const startLog: StartLog = terminal === null ? logger : { info: logger.debug.bind(logger) };
  terminal?.write(firstLines({ name, version, file, brokers: brokersOf(config) }));
  startLog.info({ version, config: shown }, 'starting');
  for (const sentence of near) logger.warn(sentence);
  const metrics = registerReloadMetrics(registry, tier);
  const live = createLiveConfig({ schema, source, first: config, firstMs, logger, metrics });
  const forgetSignal = onReloadSignal(host, live.ask);
  const graceMs = () => live.current().shutdown_grace * 1000;
  const code = await runService({
    async start(signal) {
      const tracing = await openTracing({ serviceName: `kafka-http-proxy-${tier}`, version, environment, logger });
      const context = { logger, startLog, registry, configStatus: live.status, tracing, signal };
      const started = await options.start(config, { ...context, output: output ?? undefined });
      const service = sendingLastSpans(started, tracing, graceMs);
      live.watch(service, signal);
      if (terminal === null || options.summary === undefined) return service;
      terminal.write(listeningLines(options.summary(config, service)));
      // The service itself reports what goes wrong.
      service.connected?.then(
        () => signal.aborted || terminal.write(READY_LINE),
        () => undefined,
      );
      return service;
    },
    graceMs,
    logger,
    host,
  });
  forgetSignal();
  await output?.flush(LAST_LINES_MS);
  return code;
}

/** Standard output is the log's from now on. That its reader goes away ends a command, but no service. */
function logOfService(): LogWriter {
  process.stdout.removeAllListeners('error');
  return logToStandardOutput();
}

function brokersOf(config: unknown): string | undefined {
  const brokers = valueAt(config, ['kafka', 'bootstrap_servers']);
  return typeof brokers === 'string' ? brokers : undefined;
}
