import { Command, CommanderError } from 'commander';
import type { z } from 'zod';
import type { HostProcess } from './host-process.js';
import { strayWord } from './stray-word.js';
import { variablesHelp } from './variables-help.js';

/** What a command line of a service says. */
export interface Flags {
  readonly config?: string;
  readonly check?: true;
  readonly json?: true;
}

/** Whose command line it is. */
export interface ArgumentOptions {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly schema: z.ZodType;
  /** Words that it may begin with, which the caller has taken off. */
  readonly words?: readonly string[];
  /** Arguments after the script's name; those of the process when left out. */
  readonly argv?: readonly string[];
}

const OPTIONS = ['--config <file>', '--check', '--json', '--help', '--version'];

/** Exit code for a command line that can't be used, or a configuration that can't. */
export const USAGE = 2;

/** The flags, or the exit code where there is nothing more to do. */
export function parseArguments(
  { name, description, version, schema, words = [], argv = process.argv.slice(2) }: ArgumentOptions,
  host: HostProcess,
): Flags | number {
  const command = new Command(name)
    .description(description)
    .version(version, '-V, --version', 'print the version')
    .option('-c, --config <file>', 'YAML or JSON file with the configuration')
    .option('--check', 'validate the configuration, print it with secrets masked, and exit')
    .option('--json', 'print it as JSON')
    .helpOption('-h, --help', 'print this text')
    .addHelpText('after', () => variablesHelp(schema, host.stdout.columns ?? 100))
    .allowExcessArguments(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
    });
  try {
    command.parse([...argv], { from: 'user' });
    const [stray] = command.args;
    if (stray === undefined) return command.opts<Flags>();
    const early = words.includes(stray) ? `"${stray}" has to come first: ${name} ${stray}` : null;
    host.stderr.write(`${early ?? strayWord(stray, OPTIONS)}\n`);
    return USAGE;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    throw error;
  }
}
