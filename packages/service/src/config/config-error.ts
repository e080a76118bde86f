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

export function mistakeLine({ where, key, sentence }: Mistake): string {
  return `${[where, key].filter((part) => part !== '').join(' ')}: ${sentence}`;
}
