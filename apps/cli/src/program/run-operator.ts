import { FilterMistake, printableLines, TimeMistake } from '@kafka-http-proxy/operate';
import { ConfigError, describeError } from '@kafka-http-proxy/service';
import { Command, CommanderError } from 'commander';
import type { OperatorCommand } from '../operator/command.js';
import { CommandFailure, EXIT, isKafkaFailure, mistake } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import { OPERATOR_COMMANDS } from './commands.js';
import { strayIn } from './stray.js';

const IMPACT = { ro: 'reads only', 'ro+': 'reads only, unless told to write', rw: 'writes to Kafka' } as const;

/**
 * The operator's commands as one program; the action that is chosen hands its work to `run`.
 *
 * @example
 * await createOperatorProgram(host, (work) => void work()).parseAsync(['lag'], { from: 'user' });
 */
export function createOperatorProgram(
  host: Host,
  run: (work: () => Promise<number>) => void,
  commands: readonly OperatorCommand[] = OPERATOR_COMMANDS,
): Command {
  const output = {
    writeOut: (text: string) => void host.stdout.write(text),
    writeErr: (text: string) => void host.stderr.write(text),
  };
  const program = new Command('kafka-http-proxy').exitOverride().configureOutput(output).version(host.version);
  for (const { word, about, impact, define } of commands) {
    const command = program
      .command(word)
      .description(`${about} (${impact}: ${IMPACT[impact]})`)
      .showHelpAfterError(false);
    define(command, host, run);
  }
  return program;
}

/**
 * Runs the command that `argv` names.
 *
 * @param argv begins with the command's word
 * @returns the exit code; nothing is thrown but defects
 */
export async function runOperator(
  argv: readonly string[],
  host: Host,
  commands: readonly OperatorCommand[] = OPERATOR_COMMANDS,
): Promise<number> {
  let work: (() => Promise<number>) | undefined;
  // Names of topics, runs and operators are in it, as somebody wrote them to Kafka.
  const say = (sentence: string) => void host.stderr.write(`${printableLines(sentence)}\n`);
  const program = createOperatorProgram(host, (chosen) => (work = chosen), commands);
  try {
    const stray = strayIn(program, argv);
    if (stray !== null) throw mistake(stray);
    program.parse([...argv], { from: 'user' });
    return (await work?.()) ?? EXIT.usage;
  } catch (error) {
    // Commander has printed its own: help, or what was wrong with the command line.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (error instanceof ConfigError) {
      say(error.message);
      return EXIT.usage;
    }
    if (error instanceof CommandFailure) {
      say(error.message);
      return error.exitCode;
    }
    if (error instanceof FilterMistake || error instanceof TimeMistake) {
      say(error.message);
      return EXIT.usage;
    }
    if (host.signal.aborted) return EXIT.interrupted;
    // Kafka's own words are for people; a defect of ours keeps its stack.
    if (!isKafkaFailure(error)) throw error;
    say(describeError(error));
    return EXIT.notWell;
  }
}
