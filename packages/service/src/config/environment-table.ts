import type { z } from 'zod';
import { type ConfigKey, configKeys, defaultOf } from './schema-walk.js';

/** A key as `--help` and the docs show it. */
export interface KeyRow {
  /** `kafka.bootstrap_servers`, `topics[].timeout` */
  readonly key: string;
  readonly about: string;
  /** True where a reload can change it. */
  readonly live: boolean;
  /** As an operator writes it; undefined where there is none. */
  readonly default: string | undefined;
}

/** A key that has an environment variable. */
export interface EnvironmentRow extends KeyRow {
  readonly env: string;
}

/** Every environment variable of a schema, in the schema's order. */
export function environmentTable(schema: z.ZodType): EnvironmentRow[] {
  return keyTable(schema).flatMap(({ env, ...row }) => (env === undefined ? [] : [{ ...row, env }]));
}

/** Every key of a schema, those inside lists too, in the schema's order. */
export function keyTable(schema: z.ZodType): (KeyRow & { readonly env: string | undefined })[] {
  const keys = configKeys(schema);
  return keys.map(({ name, path, facts, schema: value }) => ({
    key: name,
    live: isLive(keys, path),
    env: facts.env,
    about: facts.about,
    default: shown(defaultOf(value)),
  }));
}

/** What the key says, or else the nearest section around it that says something. */
function isLive(keys: readonly ConfigKey[], path: readonly string[]): boolean {
  const around = keys.filter(({ path: other }) => other.every((step, i) => step === path[i]));
  return around.findLast(({ facts }) => facts.live !== undefined)?.facts.live ?? false;
}

function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.join(',');
  if (typeof value === 'object' && value !== null) return undefined;
  return String(value);
}
