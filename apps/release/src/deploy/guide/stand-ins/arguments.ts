/** A command line, taken apart. */
export interface Arguments {
  readonly words: readonly string[];
  /** Options with their values; a flag's value is empty. */
  readonly options: readonly (readonly [name: string, value: string])[];
  /** The values of an option, under any of its names. */
  all(...names: readonly string[]): string[];
}

/** Takes a command line apart as the programs do. @param flags options without a value */
export function parseArguments(list: readonly string[], flags: readonly string[]): Arguments {
  const end = list.indexOf('--');
  const own = end < 0 ? list : list.slice(0, end);
  const words: string[] = [];
  const options: [string, string][] = [];
  for (let i = 0; i < own.length; i++) {
    const item = own[i] ?? '';
    const equals = item.indexOf('=');
    if (!item.startsWith('-')) words.push(item);
    else if (equals >= 0) options.push([item.slice(0, equals), item.slice(equals + 1)]);
    else if (flags.includes(item)) options.push([item, '']);
    else options.push([item, own[++i] ?? '']);
  }
  if (end >= 0) words.push(...list.slice(end + 1));
  return {
    words,
    options,
    all: (...names) => options.filter(([name]) => names.includes(name)).map(([, value]) => value),
  };
}
