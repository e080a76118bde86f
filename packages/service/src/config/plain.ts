/** A map of a configuration, before it is judged. */
export type PlainMap = Record<string, unknown>;

/** True for what YAML and JSON call a map. */
export function isPlainMap(value: unknown): value is PlainMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The value at a path of plain data. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((found, step) => {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    return (found as Record<string | number, unknown>)[step];
  }, value);
}

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;
