import type { Command } from 'commander';
import type { Host } from './host.js';

/** What a command of the operator does to the world; `--help` says it. `ro+`: it writes when an option says so. */
export type Impact = 'ro' | 'ro+' | 'rw';

/** How a command tells its end: the exit code. It may also throw a `CommandFailure`. */
export type Run = (action: () => Promise<number>) => void;

/** One word of the command line. */
export interface OperatorCommand {
  readonly word: string;
  readonly about: string;
  /** Of a command with commands of its own: `rw` when one of them writes. */
  readonly impact: Impact;
  /**
   * Adds options, examples and the action. What is slow to load, Kafka first of all, is imported by the action.
   *
   * @param command made already, with its name and description
   * @param run to be called once by the action that was chosen, with the work to do
   */
  define(command: Command, host: Host, run: Run): void;
}

/** Examples below a command's help: what is typed, and what for. */
export function examples(lines: readonly (readonly [typed: string, purpose: string])[]): string {
  return `\nExamples:\n${lines.map(([typed, purpose]) => `  # ${purpose}\n  ${typed}`).join('\n')}\n`;
}
