import { type Command, CommanderError, InvalidArgumentError } from 'commander';

/**
 * Gives a command its words. A `--` before all of them, which pnpm passes on, is left out.
 *
 * @returns false where help was asked for
 * @throws {Error} with one sentence about what can't be used
 */
export function takeWords(command: Command, argv: readonly string[]): boolean {
  command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  try {
    command.parse(argv[0] === '--' ? argv.slice(1) : argv, { from: 'user' });
    return true;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return false;
    throw error;
  }
}

/**
 * Reads the command line of this process and runs what it asks for.
 *
 * @returns the exit code: 2 for a wrong word, whose sentence and the help are printed; 0 for `--help`
 */
export async function runDriver(command: Command, run: () => Promise<number> | number): Promise<number> {
  try {
    if (!takeWords(command, process.argv.slice(2))) {
      process.stdout.write(helpOf(command));
      return 0;
    }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${helpOf(command)}`);
    return 2;
  }
  return await run();
}

/** The text of `--help`, with what stands behind the options. */
export function helpOf(command: Command): string {
  const parts: string[] = [];
  command.configureOutput({ writeOut: (part) => void parts.push(part) });
  command.outputHelp();
  return parts.join('');
}

/** Reads the value of an option that counts. @throws {InvalidArgumentError} for anything but a whole number, 1 or more */
export function parseCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A whole number, 1 or more, was expected.');
  return Number(text);
}
