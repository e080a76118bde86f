import { Command, CommanderError } from 'commander';
import { OPERATOR_COMMANDS } from './program/commands.js';
import { SERVICES, type ServiceWord } from './program/services.js';

type Word = ServiceWord['word'] | 'operator' | 'complete';

/** The words that the command line may begin with. */
export const WORDS: readonly string[] = [...SERVICES, ...OPERATOR_COMMANDS].map(({ word }) => word);

/** What the one binary is to be; `stray` where the first word is none that it has. */
export type Mode = Word | 'help' | 'unknown' | 'stray';

/** The mode, and the words that are left for it; all of them for `operator`. */
export interface Chosen {
  readonly mode: Mode;
  readonly argv: string[];
}

const NOTES = `
Without a word, MODE=proxy|processor decides; proxy where it is not set, as in 1.0.1.
"kafka-http-proxy help <command>" tells the options of one.`;

/** Of the help: what the marks of the commands say. */
const OPERATOR = 'Commands for operators (ro: it reads; ro+: it writes if told to; rw: it writes to Kafka):';

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
function createProgram(take: (word: Mode, words: string[]) => void): Command {
  const program = new Command('kafka-http-proxy')
    .usage('[command] [options]')
    .description('Synchronous HTTP over Apache Kafka.')
    .exitOverride()
    .configureOutput({ writeOut: () => undefined })
    .enablePositionalOptions()
    .allowUnknownOption()
    .argument('[words...]')
    .helpCommand(false)
    .addHelpText('after', NOTES);
  // The arguments of the program itself are those of a tier.
  program.configureHelp({ visibleArguments: () => [], subcommandTerm: termOf });
  const add = (word: string, about: string, action: (words: string[]) => void, hidden = false) =>
    program
      .command(word, { hidden })
      .description(about)
      .helpOption(false)
      .allowUnknownOption()
      .argument('[words...]')
      .action(action);
  program.commandsGroup('Services:');
  for (const { word, about } of SERVICES) add(word, about, (words) => take(word, words));
  program.commandsGroup(OPERATOR);
  for (const { word, about } of OPERATOR_COMMANDS) add(word, about, (words) => take('operator', [word, ...words]));
  program.commandsGroup('Help:');
  add('help', 'prints this text; behind it a command: the options of that one', (words) => takeHelp(words, take));
  // What a script for a shell asks.
  add('complete', '', (words) => take('complete', words), true);
  return program;
}

/** `help lag` is `lag --help`. */
function takeHelp(words: readonly string[], take: (word: Mode, words: string[]) => void): void {
  const [word, ...inner] = words.filter((one) => !one.startsWith('-'));
  const service = SERVICES.find((one) => one.word === word);
  if (word === undefined) take('help', []);
  else if (service !== undefined) take(service.word, ['--help']);
  else if (WORDS.includes(word)) take('operator', [word, ...inner, '--help']);
  else take('stray', [word]);
}

function termOf(command: Command): string {
  const impact = OPERATOR_COMMANDS.find(({ word }) => word === command.name())?.impact;
  return impact === undefined ? command.name() : `${command.name().padEnd(LONGEST)}  ${impact}`;
}

const LONGEST = Math.max(...WORDS.map((word) => word.length));

function modeOf(name: string): Mode {
  return name === 'proxy' || name === 'processor' ? name : 'unknown';
}
