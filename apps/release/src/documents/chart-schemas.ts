// Writes the schema of each tier's configuration into its chart's values.schema.json, so that `helm template`
// refuses a key or a value that the tier would refuse. With --check it changes nothing and fails where one is
// out of date. Needs the build.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../', import.meta.url);
const TEXT = { type: 'string' };
/** Characters of a line, as biome.json has it. */
const WIDTH = 120;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const chart of ['proxy', 'processor']) {
    const { path, before, after } = await chartSchema(chart);
    if (after === before) continue;
    if (process.argv.includes('--check')) {
      console.error(`${path} is out of date: run node scripts/generate-chart-schemas.mjs`);
      process.exitCode = 1;
    } else {
      writeFileSync(new URL(path, ROOT), after);
      console.log(`${path} was written`);
    }
  }
}

/** The file as it is and as it should be. */
export async function chartSchema(chart) {
  const path = `docker/helm/${chart}/values.schema.json`;
  const before = readFileSync(new URL(path, ROOT), 'utf8');
  const schema = JSON.parse(before);
  schema.definitions = { ...schema.definitions, config: await configSchema(chart) };
  return { path, before, after: `${written(schema)}\n` };
}

/** JSON Schema of what an operator may write, as helm's validator and Go's regular expressions take it. */
async function configSchema(tier) {
  const { z } = createRequire(new URL('packages/protocol/package.json', ROOT))('zod');
  const { processorConfig, proxyConfig } = await built('protocol');
  const { $schema: _, ...schema } = z.toJSONSchema(tier === 'proxy' ? proxyConfig : processorConfig, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
  });
  return { $comment: 'Written by scripts/generate-chart-schemas.mjs.', ...plain(schema) };
}

/** The schema without what is no part of one, and with what the loader takes besides. */
function plain(schema) {
  // A default stands in one place, which is the tier's own schema.
  const { about, env: _env, as: _as, secret, default: _default, format, maximum, ...rest } = schema;
  if (about !== undefined) rest.description = about;
  if (format !== undefined && format !== 'starts_with') rest.format = format;
  if (maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER) rest.maximum = maximum;
  if (rest.items) rest.items = plain(rest.items);
  if (rest.anyOf) rest.anyOf = rest.anyOf.map(plain);
  if (secret && rest.additionalProperties) {
    const file = { type: 'object', additionalProperties: false, required: ['file'], properties: { file: TEXT } };
    rest.additionalProperties = { anyOf: [rest.additionalProperties, file] };
  }
  if (rest.properties) {
    const entries = Object.entries(rest.properties).map(([name, property]) => {
      return [name, rest.required?.includes(name) ? plain(property) : optional(plain(property))];
    });
    rest.properties = Object.fromEntries(entries);
  }
  return rest;
}

/** An empty key is one that is not there. */
function optional(schema) {
  if (schema.anyOf) return { ...schema, anyOf: [...schema.anyOf, { type: 'null' }] };
  return {
    ...schema,
    ...(schema.type && { type: [schema.type, 'null'].flat() }),
    ...(schema.enum && { enum: [...schema.enum, null] }),
  };
}

/** A package of this repository, as it was built. */
async function built(name) {
  try {
    return await import(new URL(`packages/${name}/dist/index.js`, ROOT).href);
  } catch (cause) {
    throw new Error(`packages/${name} is not built: run npx -y pnpm@10 build`, { cause });
  }
}

/** As Biome formats JSON: lists of plain values on one line where they fit. */
function written(value, depth = 0, before = 0) {
  const list = Array.isArray(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const entries = list ? value : Object.entries(value);
  if (entries.length === 0) return list ? '[]' : '{}';
  if (list && value.every((item) => item === null || typeof item !== 'object')) {
    const line = `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
    if (before + line.length < WIDTH) return line;
  }
  const pad = '  '.repeat(depth + 1);
  const lines = entries.map((entry) => {
    if (list) return `${pad}${written(entry, depth + 1, pad.length)}`;
    const key = `${pad}${JSON.stringify(entry[0])}: `;
    return `${key}${written(entry[1], depth + 1, key.length)}`;
  });
  const [open, close] = list ? '[]' : '{}';
  return `${open}\n${lines.join(',\n')}\n${'  '.repeat(depth)}${close}`;
}
