import { withFilters } from '../filters/options.js';
import { flagsOf, withCommon } from '../letters/flags.js';
import { examples, type OperatorCommand } from '../operator/command.js';
import { EXIT_CODES } from './exit-codes.js';
import { READING_WORDS } from './reading-words.js';
import { WRITING_WORDS } from './writing-words.js';

const WORDS: readonly OperatorCommand[] = [...READING_WORDS, ...WRITING_WORDS];

const ABOUT = `
Each letter has a verdict, the first that fits:
  truncated      it holds the beginning of a body only; never sent again
  unreadable     no usable request; never sent again, export has its bytes
  exhausted      sent again --max-replays times already; never sent again
  read_only      a safe method: nobody is waiting; sent with --include-safe
  told_to_retry  the client got 503 with Retry-After and nothing ran; --include-refused
  may_have_run   the backend may have carried it out; --allow-repeat
  ready          sent again by "dlq replay"

--since and --until take the times of "tail" (see its help): a letter's is when it failed.
`;

/** `dlq`: dead letters, and what can be done about them. */
export const dlq: OperatorCommand = {
  word: 'dlq',
  about: 'dead letters: what failed, why, and what may be sent again',
  impact: 'rw',
  define(command, host, run) {
    withFilters(withCommon(command))
      .enablePositionalOptions()
      .helpCommand(true)
      .option('--fail-above <n>', 'exit with 1 where more letters than these are open')
      .addHelpText('after', `${ABOUT}${EXIT_CODES}${EXAMPLES}`)
      .action((_flags, self) => run(async () => (await import('./summary.js')).summarise(flagsOf(self), host)));
    for (const { word, about, impact, define } of WORDS) {
      const effect = impact === 'ro' ? 'reads only' : 'writes to Kafka';
      const sub = command.command(word).description(`${about} (${effect})`).showHelpAfterError(false);
      define(sub, host, run);
    }
  },
};

const EXAMPLES = examples([
  ['kafka-http-proxy dlq --config processor.yaml', 'what has failed, in groups'],
  ['kafka-http-proxy dlq list --config processor.yaml --since 1h --code timeout', 'one line a letter'],
  ['kafka-http-proxy dlq -b kafka:9092 --dead-letter-topic failed --fail-above 0', 'a check for a timer'],
]);
