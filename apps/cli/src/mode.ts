import { Command, CommanderError } from 'commander';
import { OPERATOR_COMMANDS } from './program/commands.js';

const TIERS = ['proxy', 'processor', 'demo'] as const;

type Word = (typeof TIERS)[number] | 'operator';

/** The words that the command line may begin with. */
export const WORDS: readonly string[] = [...TIERS, ...OPERATOR_COMMANDS.map(({ word }) => word)];

/** What the one binary is to be; `stray` where the first word is none that it has. */
export type Mode = Word | 'help' | 'unknown' | 'stray';

/** The mode, and the words that are left for it; all of them for `operator`. */
export interface Chosen {
  readonly mode: Mode;
  readonly argv: string[];
}

const ABOUT: Readonly<Record<(typeof TIERS)[number], string>> = {
  proxy: 'takes HTTP requests and answers with the correlated replies',
  processor: 'consumes request topics, calls the backends, publishes replies',
  demo: 'both of them, a backend and an embedded broker: one request, step by step',
};

const NOTES = `
Without a word, MODE=proxy|processor decides; proxy where it is not set, as in 1.0.1.
"kafka-http-proxy proxy --help" tells the options of a tier.`;

/** Chooses by the first word, then by MODE, then as 1.0.1 did. */
export function chooseMode(argv: readonly string[], environment: Readonly<Record<string, string | undefined>>): Chosen {
  let chosen: Chosen = { mode: 'help', argv: [] };
  const program = createProgram((mode, words) => {
    chosen = { mode, argv: words };
  });
  const named = environment.MODE || undefined;
  // Who has chosen a tier by MODE asks for its help.
  if (named !== undefined) program.helpOption(false);
  program.action((words: string[]) => {
    const [first] = words;
    const mode = first !== undefined && !first.startsWith('-') ? 'stray' : modeOf(named ?? 'proxy');
    chosen = { mode, argv: words };
  });
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    // Thrown instead of printing help.
    if (!(error instanceof CommanderError) || error.exitCode !== 0) throw error;
  }
  return chosen;
}

/** Printed by --help where no tier is chosen. */
export function usage(): string {
  const parts: string[] = [];
  createProgram(() => undefined)
    .configureOutput({ writeOut: (part) => void parts.push(part) })
    .outputHelp();
  return parts.join('');
}

/** The words of the binary; what stands behind one is read by who runs it. */
function createProgram(take: (word: Word, words: string[]) => void): Command {
  const program = new Command('kafka-http-proxy')
    .usage('[command] [options]')
    .description('Synchronous HTTP over Apache Kafka.')
    .exitOverride()
    .configureOutput({ writeOut: () => undefined })
    .enablePositionalOptions()
    .allowUnknownOption()
    .argument('[words...]')
    .helpCommand('help', 'prints this text')
    .addHelpText('after', NOTES);
  // The arguments of the program itself are those of a tier.
  program.configureHelp({ visibleArguments: () => [], subcommandTerm: (command) => command.name() });
  const add = (word: string, about: string, action: (words: string[]) => void) =>
    program
      .command(word)
      .description(about)
      .helpOption(false)
      .allowUnknownOption()
      .argument('[words...]')
      .action(action);
  for (const word of TIERS) add(word, ABOUT[word], (words) => take(word, words));
  for (const { word, about } of OPERATOR_COMMANDS) add(word, about, (words) => take('operator', [word, ...words]));
  return program;
}

function modeOf(name: string): Mode {
  return name === 'proxy' || name === 'processor' ? name : 'unknown';
}
