import { withBodies } from '../bodies/options.js';
import { flagsOf, withCommon, withSearch } from '../letters/flags.js';
import { withMasking } from '../masking/options.js';
import { examples, type OperatorCommand } from '../operator/command.js';
import { EXIT_CODES } from './exit-codes.js';

const list: OperatorCommand = {
  word: 'list',
  about: 'a line a letter, oldest first',
  impact: 'ro',
  define(command, host, run) {
    withSearch(command)
      .option('--limit <n>', 'the newest n; 100 on a terminal and all in a pipe, when left out')
      .addHelpText('after', `${EXIT_CODES}${LIST_EXAMPLES}`)
      .action((_flags, self) => run(async () => (await import('./list.js')).list(flagsOf(self), host)));
  },
};

const LIST_EXAMPLES = examples([
  ['kafka-http-proxy dlq list --config processor.yaml --method POST --path "/orders/**"', 'POSTs below /orders'],
  [
    'kafka-http-proxy dlq list --config processor.yaml --json | jq -r "select(.verdict == \\"ready\\").id"',
    'for a script',
  ],
]);

const show: OperatorCommand = {
  word: 'show',
  about: 'one letter: why it failed, what was done about it, and its request',
  impact: 'ro',
  define(command, host, run) {
    withMasking(withBodies(withCommon(command), 'head'))
      .argument(
        '<letter>',
        'partition@offset, topic/partition@offset, or the id that the backend got, or its beginning',
      )
      .addHelpText('after', `${EXIT_CODES}${SHOW_EXAMPLES}`)
      .action((letter, _flags, self) => run(async () => (await import('./show.js')).show(letter, flagsOf(self), host)));
  },
};

const SHOW_EXAMPLES = examples([
  ['kafka-http-proxy dlq show --config processor.yaml 0@41', 'the letter at offset 41 of partition 0'],
  ['kafka-http-proxy dlq show --config processor.yaml wBa9fPOA-abc --bodies full', 'by its id, with all of the body'],
]);

const runs: OperatorCommand = {
  word: 'runs',
  about: 'who replayed or discarded letters, when, and how many',
  impact: 'ro',
  define(command, host, run) {
    withCommon(command)
      .addHelpText('after', `${EXIT_CODES}${RUNS_EXAMPLES}`)
      .action((_flags, self) => run(async () => (await import('./runs.js')).showRuns(flagsOf(self), host)));
  },
};

const RUNS_EXAMPLES = examples([['kafka-http-proxy dlq runs --config processor.yaml', 'what was done so far']]);

/** The words of `dlq` that read only. */
export const READING_WORDS: readonly OperatorCommand[] = [list, show, runs];
