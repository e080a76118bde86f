import { type KeyFacts, keyFacts } from '@kafka-http-proxy/protocol';
import type { z } from 'zod';

/** A place in the configuration: keys, and indexes of lists. */
export type Path = readonly (string | number)[];

/** What this package reads of a Zod schema's definition; Zod has no public walk over schemas. */
interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly defaultValue?: unknown;
}

function definition(schema: z.ZodType): Definition {
  return schema._zod.def as unknown as Definition;
}

/** The schema under defaults, optionals and transforms. */
function bare(schema: z.ZodType): z.ZodType {
  const { type, innerType, in: input } = definition(schema);
  const next = type === 'pipe' ? input : innerType;
  return next === undefined ? schema : bare(next);
}

/** The keys of an object schema; of a union, those of its object. */
export function shapeOf(schema: z.ZodType): Readonly<Record<string, z.ZodType>> | undefined {
  const { shape, options } = definition(bare(schema));
  if (options === undefined) return shape;
  return options.map(shapeOf).find((found) => found !== undefined);
}

/** The schema of a list's entries. */
export function elementOf(schema: z.ZodType): z.ZodType | undefined {
  const { type, element } = definition(bare(schema));
  return type === 'array' ? element : undefined;
}

/** The schema of the values of a map with free names. */
export function recordValueOf(schema: z.ZodType): z.ZodType | undefined {
  const { type, valueType } = definition(bare(schema));
  return type === 'record' ? valueType : undefined;
}

/** The schema that judges the value at `step` of a value judged by `schema`. */
export function childOf(schema: z.ZodType, step: string | number): z.ZodType | undefined {
  const shape = shapeOf(schema);
  if (shape !== undefined) return Object.hasOwn(shape, step) ? shape[step] : undefined;
  return typeof step === 'number' ? elementOf(schema) : recordValueOf(schema);
}

/** The schema at a path, if the path is a known one. */
export function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  return path.reduce<z.ZodType | undefined>((found, step) => found && childOf(found, step), schema);
}

/** True where a key on the way to `path` is marked secret. */
export function isSecret(schema: z.ZodType, path: Path): boolean {
  for (let i = 1; i <= path.length; i++) {
    const found = schemaAt(schema, path.slice(0, i));
    if (found !== undefined && keyFacts(found)?.secret === true) return true;
  }
  return false;
}

/** The value a key has when nobody sets it. */
export function defaultOf(schema: z.ZodType): unknown {
  const { type, defaultValue, innerType, in: input } = definition(schema);
  if (type === 'default') return defaultValue;
  const next = type === 'pipe' ? input : innerType;
  return next === undefined ? undefined : defaultOf(next);
}

/** A key that has facts, wherever it is in the schema. */
export interface ConfigKey {
  /** Keys from the top; entries of a list are `[]`. */
  readonly path: readonly string[];
  /** As an operator writes it: `kafka.bootstrap_servers`, `topics[].timeout`. */
  readonly name: string;
  readonly facts: KeyFacts;
  readonly schema: z.ZodType;
}

/** Every key with facts, in the order of the schema, a section before what is in it. */
export function configKeys(schema: z.ZodType, path: readonly string[] = []): ConfigKey[] {
  const element = elementOf(schema);
  if (element !== undefined) return configKeys(element, [...path, '[]']);
  return Object.entries(shapeOf(schema) ?? {}).flatMap(([name, child]) => {
    const here = [...path, name];
    const facts = keyFacts(child);
    const rest = configKeys(child, here);
    return facts === undefined ? rest : [{ path: here, name: pathName(here), facts, schema: child }, ...rest];
  });
}

/** `topics[1].request_topic` */
export function pathName(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return step === '[]' || text === '' ? text + step : `${text}.${step}`;
  }, '');
}
