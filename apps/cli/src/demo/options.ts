import { strayWord } from '@kafka-http-proxy/service';
import { Command, CommanderError } from 'commander';

const NOTES = `
Environment:
  PROXY_PORT  port of the proxy; 8080 when left out, or a free one where that is taken`;

function createCommand(): Command {
  return new Command('kafka-http-proxy demo')
    .description(
      'Starts an embedded broker, a backend, a processor and a proxy in this process, sends one request through ' +
        'them, prints what came back and where the time went, and stays until Ctrl-C. Nothing is kept.',
    )
    .option(
      '--configs <dir>',
      'writes the configurations of both tiers there, for the commands of the operator, and opens a port that ' +
        'breaks and repairs the backend',
    )
    .exitOverride()
    .configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
    .addHelpText('after', NOTES);
}

/** Printed by `demo --help`. */
export function demoUsage(): string {
  const parts: string[] = [];
  createCommand()
    .configureOutput({ writeOut: (part) => void parts.push(part) })
    .outputHelp();
  return parts.join('');
}

/** What was asked of the demo. */
export interface DemoOptions {
  /** Port of the proxy; null: 8080, or a free one where that is taken. */
  readonly port: number | null;
  /** Where the configurations are written; null: nowhere. */
  readonly configs: string | null;
}

/** Reads the demo's command line and environment: its options, `help`, or a sentence about what can't be used. */
export function demoOptions(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): DemoOptions | 'help' | { readonly mistake: string } {
  const command = createCommand();
  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 'help';
    return {
      mistake:
        error.code === 'commander.optionMissingArgument'
          ? '--configs: a folder was expected'
          : strayWord(argv[0] ?? '', ['--help', '--configs <dir>']),
    };
  }
  const text = environment.PROXY_PORT?.trim() || undefined;
  const { configs = null } = command.opts<{ configs?: string }>();
  if (text === undefined) return { port: null, configs };
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return { port, configs };
  return { mistake: `PROXY_PORT: a port of 0 to 65535 was expected, ${JSON.stringify(text)} was found` };
}
