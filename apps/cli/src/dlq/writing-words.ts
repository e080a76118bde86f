import { Option } from 'commander';
import { withFilters } from '../filters/options.js';
import { flagsOf, withCommon, withSearch } from '../letters/flags.js';
import { withMasking } from '../masking/options.js';
import { examples, type OperatorCommand } from '../operator/command.js';
import { withYes } from '../operator/confirm.js';
import { replayWord } from '../replay/command.js';
import { EXIT_CODES } from './exit-codes.js';

const LETTERS = 'partition@offset, topic/partition@offset, or ids as the backend got them, or their beginnings';

const exporting: OperatorCommand = {
  word: 'export',
  about: 'letters in another form: records, commands of curl, an HTTP archive',
  impact: 'ro',
  define(command, host, run) {
    const as = new Option('--as <form>', 'ndjson: each record whole, for "dlq replay --from"; curl; har')
      .choices(['ndjson', 'curl', 'har'])
      .default('ndjson');
    withMasking(withSearch(command))
      .argument('[letters...]', `${LETTERS}; all that match when left out`)
      .addOption(as)
      .option('-o, --output <file>', 'write to this file, which only you may read; standard output when left out')
      .option('--origin <url>', 'of curl and har: where the proxy is (default: http://127.0.0.1:8080)')
      .addHelpText('after', `${EXPORT_NOTES}${EXIT_CODES}${EXPORT_EXAMPLES}`)
      .action((names, _flags, self) =>
        run(async () => (await import('./keeping/export.js')).exportLetters(names, flagsOf(self), host)),
      );
  },
};

const EXPORT_NOTES = `
ndjson loses nothing, so it has all secrets. curl and har hide the values of Authorization, Cookie and the like, unless
--show-secrets is said; they leave out letters that have no whole request.
`;

const EXPORT_EXAMPLES = examples([
  ['kafka-http-proxy dlq export --config processor.yaml -o letters.ndjson', 'keep what is open'],
  ['kafka-http-proxy dlq export --config processor.yaml --as curl --origin http://proxy:8080 0@41', 'try one by hand'],
]);

const discard: OperatorCommand = {
  word: 'discard',
  about: 'marks letters as done with: they stay where they are, and are not sent again',
  impact: 'rw',
  define(command, host, run) {
    withYes(withFilters(withCommon(command)))
      .argument('[letters...]', LETTERS)
      .addHelpText('after', `${EXIT_CODES}${DISCARD_EXAMPLES}`)
      .action((names, _flags, self) =>
        run(async () => (await import('./keeping/discard.js')).discard(names, flagsOf(self), host)),
      );
  },
};

const DISCARD_EXAMPLES = examples([
  ['kafka-http-proxy dlq discard --config processor.yaml 0@41 1@7', 'two letters'],
  ['kafka-http-proxy dlq discard --config processor.yaml --method GET --yes', 'all that only read'],
]);

const purge: OperatorCommand = {
  word: 'purge',
  about: 'deletes letters from before a time, for good',
  impact: 'rw',
  define(command, host, run) {
    withYes(withCommon(command))
      .option('--before <time>', '2026-02-14, 2026-02-14T10:00Z (UTC without a zone), or 30d (ago)')
      .addHelpText('after', `${EXIT_CODES}${PURGE_EXAMPLES}`)
      .action((_flags, self) => run(async () => (await import('./keeping/purge.js')).purge(flagsOf(self), host)));
  },
};

const PURGE_EXAMPLES = examples([
  ['kafka-http-proxy dlq purge --config processor.yaml --before 30d', 'says what would go, and asks'],
]);

/** The words of `dlq` that write, or make a file. */
export const WRITING_WORDS: readonly OperatorCommand[] = [replayWord, exporting, discard, purge];
