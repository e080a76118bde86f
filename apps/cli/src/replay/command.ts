import { examples, type OperatorCommand } from '../operator/command.js';
import { type ReplayFlags, withReplay } from './options.js';

const ABOUT = `
Letters are sent to the request topic that they came from, oldest first, those of one key one after the other. The
backend gets the request of the first try: method, target, fields, body, X-Request-ID. The answer comes here: each
letter ends as "answered 200" or "failed backend_timeout". What fails again is a letter again, with a higher count.
Letters that come meanwhile are another run's. One run at a time; start it again to go on where it ended.

Before a letter is sent, a mark in the topic <dead-letter-topic>-marks says so, and then what became of it. Where a run
was killed in between, the letter counts as "may_have_run".
`;

const EXIT_CODES = `
Exit codes: 0 all that were sent were answered below 500, or nothing was to be sent; 1 some failed, or another run goes
on; 2 the command line or a configuration can't be used; 130 interrupted: what was under way was waited for.
`;

/** `dlq replay`. */
export const replayWord: OperatorCommand = {
  word: 'replay',
  about: 'sends what may be sent again, and tells what became of each',
  impact: 'rw',
  define(command, host, run) {
    withReplay(command)
      .argument('[letters...]', 'partition@offset, topic/partition@offset, or ids; all that match when left out')
      .addHelpText('after', `${ABOUT}${EXIT_CODES}${EXAMPLES}`)
      .action((names, _flags, self) =>
        run(async () => {
          // Those that were typed before the word count too: `dlq -b kafka:9092 replay`.
          const flags = { ...self.parent?.opts(), ...self.opts() } as ReplayFlags;
          return (await import('./replay.js')).replay(names, flags, host);
        }),
      );
  },
};

const EXAMPLES = examples([
  ['kafka-http-proxy dlq replay --config processor.yaml --dry-run', 'what would be sent, and what not, and why'],
  ['kafka-http-proxy dlq replay --config processor.yaml --limit 1', 'try with the oldest one'],
  [
    'kafka-http-proxy dlq replay --config processor.yaml --yes --rate 20 --json > replayed.ndjson',
    'slowly, in a script',
  ],
  ['kafka-http-proxy dlq replay --config processor.yaml 0@41 --allow-repeat', 'one that may have run, on purpose'],
]);
