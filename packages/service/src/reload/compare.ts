import { isDeepStrictEqual } from 'node:util';
import { keyFacts } from '@kafka-http-proxy/protocol';
import type { z } from 'zod';
import { isPlainMap } from '../config/plain.js';
import { childOf, type Path } from '../config/schema-walk.js';

/** A key whose value differs between two configurations. */
export interface KeyChange {
  readonly path: Path;
  /** False where it needs a restart. */
  readonly live: boolean;
}

/**
 * Keys whose values differ, as deep as both sides have the same shape: entries of lists of the same length one by
 * one, a list of another length as a whole.
 *
 * @example
 * compareConfigs(proxyConfig, before, after); // [{ path: ['default_timeout'], live: true }]
 */
export function compareConfigs(schema: z.ZodType, before: unknown, after: unknown): KeyChange[] {
  return differences({ schema, path: [], live: false }, before, after);
}

interface Spot {
  readonly schema: z.ZodType | undefined;
  readonly path: Path;
  readonly live: boolean;
}

function differences(spot: Spot, before: unknown, after: unknown): KeyChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  const steps = commonSteps(before, after);
  if (steps === null) return [{ path: spot.path, live: spot.live }];
  return steps.flatMap((step) => differences(into(spot, step), entryOf(before, step), entryOf(after, step)));
}

function into({ schema, path, live }: Spot, step: string | number): Spot {
  const child = schema && childOf(schema, step);
  return { schema: child, path: [...path, step], live: (child && keyFacts(child)?.live) ?? live };
}

/** What can be compared one by one; null: only the whole can. */
function commonSteps(before: unknown, after: unknown): (string | number)[] | null {
  if (Array.isArray(before) && Array.isArray(after)) {
    const ofMaps = [...before, ...after].every(isPlainMap);
    return ofMaps && before.length === after.length ? [...before.keys()] : null;
  }
  if (!isPlainMap(before) || !isPlainMap(after)) return null;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])];
}

function entryOf(value: unknown, step: string | number): unknown {
  return (value as Record<string | number, unknown>)[step];
}
