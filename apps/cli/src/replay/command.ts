import { createFilter, placeOf, type readLetter, viewOf } from '@kafka-http-proxy/operate';
import { type ProcessorConfig, type ProxyConfig, shownId } from '@kafka-http-proxy/protocol';
import type { Command } from 'commander';
import { connectionOf } from '../connection/connection.js';
import { type ConnectionFlags, withConnection } from '../connection/options.js';
import { examples, type Run } from '../operator/command.js';
import { mistake } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import { type OutputFlags, withOutput } from '../output/options.js';
import { createPrinter } from '../output/printer.js';
import { type ReplayFlags, withReplay } from './options.js';

type Flags = ConnectionFlags & OutputFlags & ReplayFlags & { deadLetters?: string; state?: string };

/** Adds `replay` to the commands of `dlq`. */
export function addReplay(dlq: Command, host: Host, run: Run): void {
  const command = dlq
    .command('replay')
    .description('sends letters again and tells what becomes of each (writes to Kafka)')
    .argument('[letters...]', 'partition@offset, or the id of a request; all that may be sent when left out');
  withReplay(command)
    .option('--dead-letters <topic>', 'the dead-letter topic, when no configuration says it')
    .option('--state <file>', 'keep the marks in a file, where the marks topic may not be written');
  withOutput(withConnection(command))
    .addHelpText('after', examples([['kafka-http-proxy dlq replay -c processor.yaml --dry-run', 'what would be sent']]))
    .action((ids: string[], flags: Flags) =>
      run(async () => {
        const connection = await connectionOf(flags, host);
        const deadLetterTopic =
          flags.deadLetters ??
          connection.tiers
            .map(({ config }) => (config as ProxyConfig | ProcessorConfig).dead_letter_topic)
            .find(Boolean);
        if (!deadLetterTopic) throw mistake('Which topic has the letters? --dead-letters');
        const filter = createFilter({});
        const isNamed = (letter: ReturnType<typeof readLetter>) =>
          ids.some((id) => {
            const at = placeOf(letter.record);
            const shown = letter.request && shownId(letter.request.correlationId);
            return id === at || at.endsWith(`/${id}`) || id === shown;
          });
        const { replay } = await import('./replay.js');
        return await replay({
          connection,
          host,
          print: createPrinter(host, flags),
          flags,
          deadLetterTopic,
          state: flags.state,
          isWanted: (letter) => filter(viewOf(letter.record)) && (ids.length === 0 || isNamed(letter)),
        });
      }),
    );
}
