import { createRequire } from 'node:module';
import { Counter, type Registry } from 'prom-client';
import { createLogWriter, type LogWriter } from './log-writer.js';

const require = createRequire(import.meta.url);

/** The log's way to standard output, as JSON, or in colours where that is a terminal. It waits for no reader. */
export function logToStandardOutput(): LogWriter {
  dontWait(process.stdout);
  // Lines of the end go there where nobody reads the log.
  dontWait(process.stderr);
  return createLogWriter({
    target: process.stdout,
    lastResort: process.stderr,
    ...(process.stdout.isTTY ? { format: colourful() } : {}),
  });
}

/** Loaded where a person reads the log, and by no container. */
function colourful(): (line: string) => string {
  const { prettyFactory } = require('pino-pretty') as typeof import('pino-pretty');
  return prettyFactory(COLOURS);
}

const COLOURS = {
  colorize: true,
  singleLine: true,
  ignore: 'pid,hostname,name',
  errorLikeObjectKeys: ['err'],
  translateTime: 'SYS:HH:MM:ss',
};

/**
 * Node waits for terminals, which can be stopped (Ctrl-S, a collector of `tty: true`). The switch is not in its
 * documentation, but as old as it; where it goes away, terminals are waited for as before.
 */
function dontWait(stream: NodeJS.WriteStream): void {
  stream.on('error', () => {});
  if (!stream.isTTY) return;
  const { _handle: handle } = stream as { readonly _handle?: { setBlocking?(blocking: boolean): void } };
  handle?.setBlocking?.(false);
}

/** Counts the lines that were lost. */
export function registerLogWriter(registry: Registry, { dropped }: Pick<LogWriter, 'dropped'>): void {
  new Counter({
    name: 'log_lines_dropped_total',
    help: 'Log lines that were lost, since nobody read standard output or it could not be written.',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(dropped());
    },
  });
}
