import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { maskSecrets } from '../config/mask-secrets.js';
import { isPlainMap } from '../config/plain.js';

/** What `/status` says about the configuration in effect. */
export interface ConfigStatus {
  /** The same on instances with the same configuration, secrets apart. */
  readonly config_hash: string;
  /** When the reading began that last found it in order, ISO 8601: what was written to its files before is in effect. */
  readonly config_loaded_at: string;
  /** Why the last change was not taken, a sentence a line; null when it was. */
  readonly config_error: string | null;
}

/** Hex digits of a hash that are shown: enough to tell configurations apart. */
const HASH_DIGITS = 16;

/** A hash of a configuration with its secrets masked, whatever the order of its keys: it gives nothing away. */
export function configHash(config: unknown, schema: z.ZodType): string {
  const text = JSON.stringify(maskSecrets(config, schema), (_key, value: unknown) =>
    isPlainMap(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  );
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS);
}

/**
 * The status of a configuration that nobody reloads: that of a service which runs without the command.
 *
 * @example
 * const status = fixedConfigStatus(proxyConfig.parse({}), proxyConfig);
 */
export function fixedConfigStatus(config: unknown, schema: z.ZodType, now = new Date()): ConfigStatus {
  return { config_hash: configHash(config, schema), config_loaded_at: now.toISOString(), config_error: null };
}
