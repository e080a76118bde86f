import type { z } from 'zod';
import { isPlainMap } from './plain.js';
import { schemaAt, shapeOf } from './schema-walk.js';

/** The tier that a configuration may have been meant for. */
export interface OtherTier {
  /** `processor` */
  readonly tier: string;
  /** What runs it: `kafka-processor`. */
  readonly command: string;
  readonly schema: z.ZodType;
}

/**
 * Sentence about a file that is the other tier's: it has keys that only that one knows (two, or one that
 * it has to have), and none that only this one does. Undefined for any other file.
 */
export function recogniseOther(schema: z.ZodType, values: unknown, other: OtherTier): string | undefined {
  if (!isPlainMap(values)) return undefined;
  const [ours, theirs] = [shapeOf(schema) ?? {}, shapeOf(other.schema) ?? {}];
  const keys = Object.keys(values);
  const foreign = keys.filter((key) => Object.hasOwn(theirs, key) && !Object.hasOwn(ours, key));
  const own = keys.some((key) => Object.hasOwn(ours, key) && !Object.hasOwn(theirs, key));
  // One key may be a slip; it is reported by itself, at its line.
  const tells = foreign.length > 1 || foreign.some((key) => theirs[key]?.safeParse(undefined).success === false);
  if (own || !tells) return undefined;
  return `this is a configuration of the ${other.tier} (${foreign.join(', ')}): ${other.command} takes it`;
}

/** True for a key that this tier does not have, and the other one has at the same place. */
export function isOthersKey(other: OtherTier | undefined, path: readonly (string | number)[]): boolean {
  return other !== undefined && schemaAt(other.schema, path) !== undefined;
}
