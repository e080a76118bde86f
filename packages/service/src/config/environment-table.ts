import type { z } from 'zod';
import { configKeys, defaultOf } from './schema-walk.js';

/** A key as `--help` and the docs show it. */
export interface KeyRow {
  /** `kafka.bootstrap_servers`, `topics[].timeout` */
  readonly key: string;
  readonly about: string;
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
  return configKeys(schema).map(({ name, facts, schema: value }) => ({
    key: name,
    env: facts.env,
    about: facts.about,
    default: shown(defaultOf(value)),
  }));
}

function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.join(',');
  if (typeof value === 'object' && value !== null) return undefined;
  return String(value);
}
