import type { z } from 'zod';

/** How the text of an environment variable becomes a value. `list` is comma-separated, `json` is any JSON. */
export type EnvironmentForm = 'text' | 'number' | 'boolean' | 'list' | 'json';

/** What is said of a configuration key besides its type: the source of `--help`, of error lines and of the docs. */
export interface KeyFacts {
  /** One sentence, with the unit. */
  readonly about: string;
  /** Its environment variable; a key inside a list has none. */
  readonly env?: string;
  /** How that variable is read; `text` when not said. */
  readonly as?: EnvironmentForm;
  /** True where the value must never be shown. */
  readonly secret?: boolean;
  /**
   * True where a reload can change it, and all that is in it; false where, in a section that is live, it can't. What
   * says nothing goes by the section around it, and at the top it needs a restart.
   */
  readonly live?: boolean;
  /** True where the value names a file whose content is part of the configuration: a reload looks at that too. */
  readonly file?: boolean;
}

/** Attaches {@link KeyFacts} to a schema; read them with {@link keyFacts}. */
export function key<S extends z.ZodType>(schema: S, facts: KeyFacts): S {
  return schema.meta({ ...facts }) as S;
}

/** The facts given by {@link key}, or undefined. */
export function keyFacts(schema: z.ZodType): KeyFacts | undefined {
  const meta = schema.meta();
  return meta && typeof meta.about === 'string' ? (meta as unknown as KeyFacts) : undefined;
}
