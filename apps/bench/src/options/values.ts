import { Argument, InvalidArgumentError } from 'commander';

/** Adds a variable of the services, `NAME=value`, to those before it. @throws {InvalidArgumentError} for anything else */
export function addVariable(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('NAME=value was expected.');
  return { ...before, [name]: value };
}

/** The words that name parts of a program of benchmarks. */
export function partsArgument(known: readonly string[]): Argument {
  return new Argument('[part...]', 'what is measured; all of them without').choices(known).argOptional();
}

/** Those of `known` that were named, in their order; all where none was. */
export function partsOf<Part extends string>(known: readonly Part[], named: readonly string[]): readonly Part[] {
  return named.length === 0 ? known : known.filter((part) => named.includes(part));
}
