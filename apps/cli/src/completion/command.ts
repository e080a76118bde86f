import { Argument } from 'commander';
import { examples, type OperatorCommand } from '../operator/command.js';
import { EXIT } from '../operator/exit.js';
import { SHELLS, type Shell } from './shells.js';

const NOTES = `
The script completes commands and options, files where one is expected, and names of topics: those of the configuration
that stands on the line or in the environment, and those of the brokers, where they answer within a second and a half.

Load it by a line in ~/.bashrc, in ~/.zshrc behind compinit, or in ~/.config/fish/config.fish.

Exit codes: 0 done; 2 the command line can't be used.
`;

/** `completion`: scripts for shells. */
export const completionCommand: OperatorCommand = {
  word: 'completion',
  about: 'prints a script that completes commands, options and topics in a shell',
  impact: 'ro',
  define(command, host, run) {
    command
      .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
      .addHelpText('after', NOTES)
      .addHelpText(
        'after',
        examples([
          ['source <(kafka-http-proxy completion bash)', 'bash; the same line is for zsh, with zsh'],
          ['kafka-http-proxy completion fish | source', 'fish'],
        ]),
      )
      .action((shell: Shell) =>
        run(async () => {
          host.stdout.write(await (await import('./shells.js')).scriptOf(shell));
          return EXIT.done;
        }),
      );
  },
};
