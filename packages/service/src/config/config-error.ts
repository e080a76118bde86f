/** The configuration can't be used. `mistakes` has one line for each thing wrong with it; none is left out. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly mistakes: readonly string[]) {
    super(mistakes.join('\n'));
  }
}

/** One line to be, with what sorts it. */
export interface Mistake {
  /** `proxy.yaml:7:3`, or the variable's name. */
  readonly where: string;
  /** The key, as the operator writes it; empty where the mistake is not about one. */
  readonly key: string;
  readonly sentence: string;
  /** Offset in the file; mistakes of variables come after those of the file. */
  readonly order: number;
}

/** The order of mistakes that are not in the file. */
export const AFTER_THE_FILE = Number.MAX_SAFE_INTEGER;

/** A mistake as one line: of keys and values that hold line ends, or what a terminal obeys, these are spelt out. */
export function mistakeLine({ where, key, sentence }: Mistake): string {
  const line = `${[where, key].filter((part) => part !== '').join(' ')}: ${sentence}`;
  return line.replaceAll(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
