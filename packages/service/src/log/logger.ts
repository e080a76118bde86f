import { type DestinationStream, type Level, type Logger, pino, stdTimeFunctions } from 'pino';
import { logToStandardOutput } from './standard-output.js';

export type { Logger } from 'pino';
/** How much is logged; `silent`: nothing. */
export type LogLevel = Level | 'silent';

/** Who logs, how much, and where to. */
export interface LoggerOptions {
  /** The service, on every line. */
  readonly name: string;
  readonly level: LogLevel;
  /** Where lines go as JSON; standard output when left out, in colours where that is a terminal. */
  readonly destination?: DestinationStream;
}

const SECRET_KEYS = [
  'password',
  'secret',
  'token',
  'authorization',
  'cookie',
  '["set-cookie"]',
  '["proxy-authorization"]',
];

/** pino's `*` is one level only. */
const REDACTED = SECRET_KEYS.flatMap((name) => {
  const step = name.startsWith('[') ? name : `.${name}`;
  return [name, `*${step}`, `*.*${step}`];
}).concat(['*["sasl.password"]', '*.*["sasl.password"]', '*.*.*["sasl.password"]']);

/**
 * A logger that never waits for who reads it. What standard output has not taken yet is lost at an exit.
 *
 * @example
 * const logger = createLogger({ name: 'kafka-proxy', level: 'info' });
 * logger.info({ port: 8080 }, 'ready');
 */
export function createLogger({ name, level, destination }: LoggerOptions): Logger {
  return pino(
    {
      name,
      level,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: '***' },
    },
    destination ?? logToStandardOutput(),
  );
}
