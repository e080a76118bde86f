import leven from 'leven';
import type { z } from 'zod';
import { configKeys, type Path, pathName, schemaAt, shapeOf } from './schema-walk.js';

/** The known key that an unknown one was meant to be, as the operator should write it; undefined when none is near. */
export function suggestKey(schema: z.ZodType, path: Path): string | undefined {
  const unknown = String(path.at(-1));
  const level = schemaAt(schema, path.slice(0, -1));
  const known = Object.keys((level && shapeOf(level)) ?? {});
  return nearest(unknown, known) ?? elsewhere(schema, unknown, path);
}

/** The name among `known` that one was meant to be; undefined when none is near. */
export function nearest(unknown: string, known: readonly string[]): string | undefined {
  return known
    .map((name) => ({ name, distance: slips(plainName(unknown), plainName(name)) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(Math.min(name.length, unknown.length) / 3)))
    .sort((a, b) => a.distance - b.distance)[0]?.name;
}

/** The key of that very name at another level, such as `bootstrap_servers` that is not under `kafka`. */
function elsewhere(schema: z.ZodType, unknown: string, path: Path): string | undefined {
  const found = configKeys(schema).filter((key) => key.path.at(-1) === unknown);
  return found.length === 1 && found[0]?.name !== pathName(path) ? found[0]?.name : undefined;
}

/** Edits from one to the other; two neighbours in the wrong order (`prot` for `port`) are one slip. */
export function slips(written: string, meant: string): number {
  const at = [...meant].findIndex((letter, i) => letter !== written[i]);
  const [first, second] = [meant[at], meant[at + 1]];
  if (second !== undefined && `${meant.slice(0, at)}${second}${first}${meant.slice(at + 2)}` === written) return 1;
  return leven(written, meant);
}

/** `defaultTimeout` and `default-timeout` are the same slip. */
function plainName(name: string): string {
  return name
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '_')
    .replaceAll('-', '_')
    .toLowerCase();
}
