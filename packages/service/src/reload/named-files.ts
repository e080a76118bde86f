import { keyFacts } from '@kafka-http-proxy/protocol';
import type { z } from 'zod';
import { isPlainMap } from '../config/plain.js';
import { childOf, type Path, pathName } from '../config/schema-walk.js';
import type { NamedFile } from './config-changes.js';

/** Properties of librdkafka that name a file, by their endings. */
const NAMES_FILE = /\.(?:location|file|keytab)$/;

/** What may be an address instead is fetched by who needs it. */
const IS_ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i;

/** Files that a configuration names, and whose content it is made of: certificates and the like. */
export function namedFiles(schema: z.ZodType, config: unknown): NamedFile[] {
  return filesIn(schema, config, []);
}

function filesIn(schema: z.ZodType | undefined, value: unknown, path: Path): NamedFile[] {
  if (Array.isArray(value)) {
    return value.flatMap((entry, i) => filesIn(schema && childOf(schema, i), entry, [...path, i]));
  }
  if (isPlainMap(value)) {
    return Object.entries(value).flatMap(([name, child]) =>
      filesIn(schema && childOf(schema, name), child, [...path, name]),
    );
  }
  const isProperty = path[0] === 'kafka' && path[1] === 'properties' && NAMES_FILE.test(String(path[2]));
  const isFile = isProperty || (schema !== undefined && keyFacts(schema)?.file === true);
  return isFile && typeof value === 'string' && value !== '' && !IS_ADDRESS.test(value)
    ? [{ key: pathName(path), path: value }]
    : [];
}
