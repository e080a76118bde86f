import { Command, CommanderError } from 'commander';
import type { Registry } from 'prom-client';
import type { z } from 'zod';
import { ConfigError } from '../config/config-error.js';
import { type ConfigDoubt, loadJudgedConfig } from '../config/load-config.js';
import { maskSecrets } from '../config/mask-secrets.js';
import type { Environment } from '../config/plain.js';
import type { LogWriter } from '../log-writer.js';
import { createLogger, type Logger, type LogLevel } from '../logger.js';
import { createRegistry } from '../metrics.js';
import { logToStandardOutput, registerLogWriter } from '../standard-output.js';
import { collectLessOften } from './heap.js';
import type { HostProcess } from './host-process.js';
import { printConfig } from './print-config.js';
import { runService } from './run-service.js';
import type { RunningService } from './running-service.js';
import { variablesHelp } from './variables-help.js';

/** What is handed to a service's start. */
export interface StartContext {
  readonly logger: Logger;
  readonly registry: Registry;
  /** Aborted when the process is told to stop before the start was done. */
  readonly signal: AbortSignal;
}

/** The keys of a configuration that the command itself needs. */
export interface ServiceConfig {
  readonly log_level: LogLevel;
  /** Seconds. */
  readonly shutdown_grace: number;
}

export interface CommandOptions<S extends z.ZodType<ServiceConfig>> {
  /** The binary's name. */
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly schema: S;
  readonly start: (config: z.output<S>, context: StartContext) => Promise<RunningService>;
  /** What is wrong with a configuration that the schema takes; asked at each start and by `--check`. */
  readonly judge?: (config: z.output<S>) => Promise<readonly ConfigDoubt[]>;
  /** Arguments after the script's name; those of the process when left out. */
  readonly argv?: readonly string[];
  readonly environment?: Environment;
  readonly host?: HostProcess;
  /** The log; standard output when left out. */
  readonly createLogger?: typeof createLogger;
}

/** A command line that can't be used, or a configuration that can't. */
const USAGE = 2;
/** Longest that the end waits for who reads the log, ms. */
const LAST_LINES_MS = 1000;

/**
 * Runs a service as a process: arguments, configuration, start, signals, stop, exit.
 *
 * @returns the exit code, after `exit` was called with it
 */
export async function runCommand<S extends z.ZodType<ServiceConfig>>(options: CommandOptions<S>): Promise<number> {
  const host: HostProcess = options.host ?? process;
  if (host === process) collectLessOften();
  const code = await run(options, host);
  host.exit(code);
  return code;
}

interface Flags {
  readonly config?: string;
  readonly check?: true;
  readonly json?: true;
}

async function run<S extends z.ZodType<ServiceConfig>>(options: CommandOptions<S>, host: HostProcess): Promise<number> {
  const { name, version, schema, environment = process.env } = options;
  const flags = parseArguments(options, host);
  if (typeof flags === 'number') return flags;

  let config: z.output<S>;
  try {
    const { judge = async () => [] } = options;
    config = await loadJudgedConfig({ schema, file: flags.config, environment }, judge);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    host.stderr.write(`${error.message}\n`);
    return USAGE;
  }
  const shown = maskSecrets(config, schema);
  if (flags.check) {
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
  logger.info({ version, config: shown }, 'starting');
  const code = await runService({
    start: (signal) => options.start(config, { logger, registry, signal }),
    graceMs: config.shutdown_grace * 1000,
    logger,
    host,
  });
  await output?.flush(LAST_LINES_MS);
  return code;
}

/** Standard output is the log's from now on. That its reader goes away ends a command, but no service. */
function logOfService(): LogWriter {
  process.stdout.removeAllListeners('error');
  return logToStandardOutput();
}

/** The flags, or the exit code where there is nothing more to do. */
function parseArguments(
  { name, description, version, schema, argv = process.argv.slice(2) }: CommandOptions<z.ZodType<ServiceConfig>>,
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
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
    });
  try {
    command.parse([...argv], { from: 'user' });
    return command.opts<Flags>();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    throw error;
  }
}
