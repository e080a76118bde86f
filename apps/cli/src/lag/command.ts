import { InvalidArgumentError } from 'commander';
import { repeated, withConnection } from '../connection/options.js';
import { examples, type OperatorCommand } from '../operator/command.js';
import { withOutput } from '../output/options.js';
import type { LagFlags } from './flags.js';

const NOTES = `
Per topic, group and partition: the offset that is committed, the end, the records between them, and the age of the
first of them, which is how far behind the group is in time. The last row of a topic is all of it. Groups are those
that the processor's configuration names; for a topic that is given without one, processor-<topic>.
It joins no group and commits nothing. It needs Describe on the groups, and Read on the topics for the age.

Exit codes: 0 done; 1 a topic is above --fail-above, or Kafka can't be reached; 2 the command line or a configuration
can't be used; 130 interrupted.
`;

/** `lag`: how far processors are behind. */
export const lagCommand: OperatorCommand = {
  word: 'lag',
  about: 'how far the processors are behind, in records and in time',
  impact: 'ro',
  define(command, host, run) {
    withOutput(withConnection(command))
      .argument('[topics...]', 'request topics; those of the processor when left out')
      .option(
        '-g, --group <group>',
        'a consumer group; may be repeated. Without topics: whatever it has committed',
        repeated,
      )
      .option('-w, --watch [seconds]', 'look again and again, each 2 s when left out', secondsOf)
      .option('--fail-above <limit>', 'exit with 1 when a topic is behind by more than 1000 records, or 30s')
      .addHelpText('after', NOTES)
      .addHelpText(
        'after',
        examples([
          ['kafka-http-proxy lag -c processor.yaml', 'all topics of a processor'],
          ['kafka-http-proxy lag -c processor.yaml --watch', 'the same, until Ctrl-C'],
          [
            'kafka-http-proxy lag -b kafka:9092 orders-requests --fail-above 30s -q',
            'for a probe: 1 where requests wait too long',
          ],
          ['kafka-http-proxy lag -b kafka:9092 --group reports --json', 'any group, an object a line'],
        ]),
      )
      .action((topics: string[], flags: LagFlags) =>
        run(async () => await (await import('./lag.js')).runLag(topics, flags, host)),
      );
  },
};

/** @throws InvalidArgumentError which commander prints */
function secondsOf(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 86_400)) throw new InvalidArgumentError('seconds above 0 were expected.');
  return value;
}
