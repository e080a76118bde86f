import type { Command } from 'commander';

/** How a command prints. */
export interface OutputFlags {
  readonly json?: true;
  readonly quiet?: true;
}

/** Adds the options that say how a command prints. */
export function withOutput(command: Command): Command {
  return command.option('--json', 'an object a line').option('-q, --quiet', 'no progress and no notes');
}
