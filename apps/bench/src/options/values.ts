/** @throws {Error} with one sentence about what can't be used */
export function parseVariable(text: string): [string, string] {
  const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new Error(`--env is "${text}"; NAME=value was expected`);
  return [name, value];
}

/** @throws {Error} with one sentence about what can't be used */
export function parseCount(name: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} is "${text}"; a whole number, 1 or more, was expected`);
  return Number(text);
}

/** Those of `known` that were named, in their order; all where none was. @throws {Error} with one sentence about another one */
export function parseParts<Part extends string>(known: readonly Part[], named: readonly string[]): readonly Part[] {
  const unknown = named.find((part) => !known.includes(part as Part));
  if (unknown !== undefined) throw new Error(`unknown part ${unknown}; there are ${known.join(', ')}`);
  return named.length === 0 ? known : known.filter((part) => named.includes(part));
}

/** Arguments without the `--` that pnpm passes on, which separates its own options. */
export function withoutSeparator(argv: readonly string[]): string[] {
  return argv[0] === '--' ? argv.slice(1) : [...argv];
}
