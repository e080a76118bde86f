import { keyFacts } from '@kafka-http-proxy/protocol';
import type { z } from 'zod';
import { withoutCredentials } from './explain.js';
import { isPlainMap, type PlainMap } from './plain.js';
import { childOf, recordValueOf } from './schema-walk.js';

/** What stands for a secret. */
export const MASK = '***';

/** Names of librdkafka's properties that carry a secret, and the endings of those that only say where one is. */
const SECRET_PROPERTY = /passw|passphrase|secret|token|credential|jaas|oauthbearer\.config|key\.pem|_key$/i;
const PLAIN_PROPERTY = /\.(?:url|location|file|id|ms)$/i;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/**
 * The configuration for people to read: what a secret key holds is `***`, and so are the credentials
 * in any URL. Of `kafka.properties` only the properties that are secrets are masked; of other secret
 * keys every value is, since nobody knows what an operator's header means.
 */
export function maskSecrets(config: unknown, schema: z.ZodType): PlainMap {
  return masked(config, schema, '') as PlainMap;
}

function masked(value: unknown, schema: z.ZodType | undefined, name: string): unknown {
  if (typeof value === 'string') return PRIVATE_KEY.test(value) ? MASK : withoutCredentials(value);
  if (Array.isArray(value)) return value.map((entry, i) => masked(entry, schema && childOf(schema, i), name));
  if (!isPlainMap(value)) return value;
  const secret = schema !== undefined && keyFacts(schema)?.secret === true && recordValueOf(schema) !== undefined;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => {
      const child_ = schema && childOf(schema, key);
      const hide = secret ? name !== 'properties' || isSecretProperty(key) : child_ && isSecretText(child_, child);
      return [key, hide ? MASK : masked(child, child_, key)];
    }),
  );
}

function isSecretText(schema: z.ZodType, value: unknown): boolean {
  return keyFacts(schema)?.secret === true && !isPlainMap(value) && value !== undefined;
}

/** True for a property of librdkafka that holds a secret, by its name. */
export function isSecretProperty(name: string): boolean {
  return SECRET_PROPERTY.test(name) && !PLAIN_PROPERTY.test(name);
}
