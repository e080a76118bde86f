import type { ProxyConfig } from '@kafka-http-proxy/protocol';
import { type LogWriter, logToStandardOutput } from '@kafka-http-proxy/service';
import { type AccessLog, createAccessLog } from './access-log.js';

/**
 * The access log as it is configured; null where it is off.
 *
 * @param output where its lines go; standard output when left out
 * @example
 * const access = accessLogOf(config, undefined);
 */
export function accessLogOf(
  config: Pick<ProxyConfig, 'access_log' | 'access_log_sample' | 'access_log_query'>,
  output: Pick<LogWriter, 'offer'> | undefined,
): AccessLog | null {
  const { access_log: format, access_log_sample: sample, access_log_query: query } = config;
  if (format === 'off') return null;
  standardOutput ??= output === undefined ? logToStandardOutput() : null;
  const { offer } = output ?? (standardOutput as LogWriter);
  return createAccessLog({ format, sample, query, write: offer });
}

/** One for this process: each listens to standard output for as long as that lasts. */
let standardOutput: LogWriter | null = null;
