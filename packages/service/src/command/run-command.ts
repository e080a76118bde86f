import { Command, CommanderError } from 'commander';
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
import { endAtClosedPipe } from './closed-pipe.js';
import { collectLessOften } from './heap.js';
import type { HostProcess } from './host-process.js';
import { createLiveConfig } from './live-config.js';
import { onReloadSignal } from './reload-signal.js';
import { runService } from './run-service.js';
import type { RunningService } from './running-service.js';
import { firstLines, listeningLines, READY_LINE, type StartSummary } from './start-lines.js';
import { strayWord } from './stray-word.js';
import { variablesHelp } from './variables-help.js';

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
  /** Arguments after the script's name; those of the process when left out. */
  readonly argv?: readonly string[];
  readonly environment?: Environment;
  readonly host?: HostProcess;
  /** The log; standard output when left out. */
  readonly createLogger?: typeof createLogger;
}

const OPTIONS = ['--config <file>', '--check', '--json', '--help', '--version'];

/** A command line that can't be used, or a configuration that can't. */
const USAGE = 2;
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

interface Flags {
  readonly config?: string;
  readonly check?: true;
  readonly json?: true;
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
    for (const sentence of near) host.stderr.write(`warning: ${sentence}\n`);
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
  const code = await runService({
    async start(signal) {
      const context = { logger, startLog, registry, configStatus: live.status, signal, output: output ?? undefined };
      const service = await options.start(config, context);
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
    graceMs: () => live.current().shutdown_grace * 1000,
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

/** The flags, or the exit code where there is nothing more to do. */
function parseArguments(
  {
    name,
    description,
    version,
    schema,
    words = [],
    argv = process.argv.slice(2),
  }: Pick<CommandOptions<z.ZodType<ServiceConfig>>, 'name' | 'description' | 'version' | 'schema' | 'words' | 'argv'>,
  host: HostProcess,
): Flags | number {
  const command = new Command(name)
    .description(description)
    .version(version, '-V, --version', 'print the version')
    .option('-c, --config <file>', 'YAML or JSON file with the configuration')
    .option('--check', 'validate the configuration, print it with secrets masked, and exit')
    .option('--json', 'print it as JSON')
    .helpOption('-h, --help', 'print this text')
    .addHelpText('after', () => variablesHelp(schema, host.stdout.columns ?? 100))
    .allowExcessArguments(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
    });
  try {
    command.parse([...argv], { from: 'user' });
    const [stray] = command.args;
    if (stray === undefined) return command.opts<Flags>();
    const early = words.includes(stray) ? `"${stray}" has to come first: ${name} ${stray}` : null;
    host.stderr.write(`${early ?? strayWord(stray, OPTIONS)}\n`);
    return USAGE;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    throw error;
  }
}
