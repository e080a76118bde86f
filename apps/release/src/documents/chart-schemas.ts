import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from '../machine/paths.js';
import { CONFIGURATIONS } from '../tiers.js';
import type { Chart } from './chart-readme.js';
import { writtenJson } from './json.js';

const TEXT = { type: 'string' };

/** A chart's values.schema.json as it is, and with the schema of the tier's configuration as it should be. */
export function chartSchema(chart: Chart): { readonly path: string; readonly before: string; readonly after: string } {
  const path = `docker/helm/${chart}/values.schema.json`;
  const before = readFileSync(join(ROOT, path), 'utf8');
  const schema = JSON.parse(before) as { definitions?: object };
  schema.definitions = { ...schema.definitions, config: configSchema(chart) };
  return { path, before, after: `${writtenJson(schema)}\n` };
}

/** What is read of a JSON schema that Zod made. */
interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: unknown;
  readonly required?: readonly string[];
  readonly [keyword: string]: unknown;
}

/** JSON Schema of what an operator may write, as helm's validator and Go's regular expressions take it. */
function configSchema(chart: Chart): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(CONFIGURATIONS[chart], {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
  });
  return { $comment: 'Written by pnpm docs:schemas.', ...plain(schema as JsonSchema) };
}

/** The schema without what is no part of one, and with what the loader takes besides. */
function plain(schema: JsonSchema): JsonSchema {
  // A default stands in one place, which is the tier's own schema.
  const { about, env: _env, as: _as, secret, default: _default, format, maximum, ...rest } = schema;
  const { items, anyOf, properties, additionalProperties, required } = rest;
  const file = { type: 'object', additionalProperties: false, required: ['file'], properties: { file: TEXT } };
  return {
    ...rest,
    ...(about !== undefined && { description: about }),
    ...(format !== undefined && format !== 'starts_with' && { format }),
    ...(typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER && { maximum }),
    ...(items && { items: plain(items) }),
    ...(anyOf && { anyOf: anyOf.map(plain) }),
    ...(secret && additionalProperties ? { additionalProperties: { anyOf: [additionalProperties, file] } } : {}),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [
          name,
          required?.includes(name) ? plain(property) : optional(plain(property)),
        ]),
      ),
    }),
  };
}

/** An empty key is one that is not there. */
function optional(schema: JsonSchema): JsonSchema {
  if (schema.anyOf) return { ...schema, anyOf: [...schema.anyOf, { type: 'null' }] };
  return {
    ...schema,
    ...(schema.type && { type: [schema.type, 'null'].flat() }),
    ...(schema.enum && { enum: [...schema.enum, null] }),
  };
}
