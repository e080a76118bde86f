import { keyFacts } from '@kafka-http-proxy/protocol';
import type { z } from 'zod';
import { isPlainMap } from './plain.js';
import { readSecret } from './read-text.js';
import { childOf, elementOf, type Path, recordValueOf, shapeOf } from './schema-walk.js';

/** Who hears of the files of secrets. */
export interface SecretFiles {
  /** The secret at a path can't be read. */
  unreadable(path: Path, file: string, reason: string): void;
  /** A file is about to be read. */
  readonly reading?: ((file: string) => void) | undefined;
}

/**
 * Values as the schema judges them: a section with nothing in it is absent, and `{file: path}` among
 * secrets is what the file holds. Unknown keys stay, to be refused; so does an empty value of a free
 * name, where nothing would take its place.
 */
export function prepare(schema: z.ZodType, value: unknown, files: SecretFiles, path: Path = []): unknown {
  const element = elementOf(schema);
  if (element !== undefined && Array.isArray(value)) {
    return value.map((entry, i) => prepare(element, entry, files, [...path, i]));
  }
  if (!isPlainMap(value)) return value;
  if (recordValueOf(schema) !== undefined) {
    return keyFacts(schema)?.secret === true ? withSecrets(value, files, path) : value;
  }
  const shape = shapeOf(schema);
  if (shape === undefined) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, child]) => child !== null || !Object.hasOwn(shape, name))
      .map(([name, child]) => {
        const schemaOfChild = childOf(schema, name);
        return [name, schemaOfChild === undefined ? child : prepare(schemaOfChild, child, files, [...path, name])];
      }),
  );
}

function withSecrets(map: Record<string, unknown>, files: SecretFiles, path: Path): Record<string, unknown> {
  const entries = Object.entries(map).flatMap(([name, value]): [string, unknown][] => {
    if (!isPlainMap(value) || typeof value.file !== 'string' || Object.keys(value).length !== 1) return [[name, value]];
    files.reading?.(value.file);
    const read = readSecret(value.file);
    if ('text' in read) return [[name, read.text]];
    files.unreadable([...path, name], value.file, read.reason);
    return [];
  });
  return Object.fromEntries(entries);
}
