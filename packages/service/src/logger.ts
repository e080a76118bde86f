import {
  type DestinationStream,
  destination as fileDestination,
  type Level,
  type Logger,
  pino,
  stdTimeFunctions,
} from 'pino';
import pretty from 'pino-pretty';

export type { Logger } from 'pino';
export type LogLevel = Level | 'silent';

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

/** A logger that has written every line when the call returns, so that none is lost at an exit. */
export function createLogger({ name, level, destination }: LoggerOptions): Logger {
  return pino(
    {
      name,
      level,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: '***' },
    },
    destination ?? standardOutput(),
  );
}

function standardOutput(): DestinationStream {
  // In this thread, not as a transport: a worker's lines are lost when the process exits.
  return process.stdout.isTTY
    ? pretty({
        sync: true,
        singleLine: true,
        ignore: 'pid,hostname,name',
        errorLikeObjectKeys: ['err'],
        translateTime: 'SYS:HH:MM:ss',
      })
    : fileDestination({ dest: 1, sync: true });
}
