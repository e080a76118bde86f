import type { Consent } from '@kafka-http-proxy/operate';
import { type Command, InvalidArgumentError } from 'commander';
import { type ConnectionFlags, withConnection } from '../connection/options.js';
import { type FilterFlags, withFilters } from '../filters/options.js';
import { type LetterFlags, withLetters } from '../letters/options.js';
import { withYes } from '../operator/confirm.js';
import { type OutputFlags, withOutput } from '../output/options.js';

/** What `dlq replay` takes. */
export interface ReplayFlags extends ConnectionFlags, LetterFlags, OutputFlags, FilterFlags {
  readonly dryRun?: true;
  readonly yes?: true;
  readonly limit?: number;
  readonly concurrency: number;
  readonly rate?: number;
  readonly to?: string;
  readonly timeout: number;
  /** False: `--no-wait`. */
  readonly wait: boolean;
  readonly replyTopic?: string;
  readonly stopAfter: number;
  readonly run?: string;
  readonly from?: string;
  readonly includeSafe?: true;
  readonly includeRefused?: true;
  readonly allowRepeat?: true;
  readonly again?: true;
}

/** Most that may be under way: each holds its record until it is answered. */
const MOST_AT_ONCE = 1000;
/** The longest wait of a proxy (`max_timeout`) is a matter of its configuration; this is a day, s. */
const LONGEST_S = 86_400;

/** Adds the options that say what is sent again, where to and how fast. */
export function withReplay(command: Command): Command {
  withYes(command)
    .option('--dry-run', 'tell what would be sent, and send nothing')
    .option('--limit <n>', 'send the oldest so many', whole(1))
    .option('--concurrency <n>', 'most that are under way', whole(1, MOST_AT_ONCE), 10)
    .option('--rate <n/s>', 'most that begin in a second: 20, or 20/s', (text) =>
      number(0.01)(text.replace(/\/s$/, '')),
    )
    .option('--to <topic>', 'another request topic than theirs')
    .option('--timeout <seconds>', 'how long each answer is waited for', number(0.1, LONGEST_S), 30)
    .option('--no-wait', 'wait for no answers: what fails again becomes a letter again')
    .option('--reply-topic <topic>', 'another response topic than theirs, to read the answers from')
    .option('--stop-after <n>', 'end after so many failures one after the other', whole(1), 10)
    .option('--from <file>', 'those of a file that "dlq export" wrote, as they are there: in its order')
    .option('--run <id>', 'only those whose last mark is of this run: it was interrupted, or could not send them')
    .option('--include-safe', 'also GET and other reads, for whose answer nobody waits')
    .option('--include-refused', 'also those whose client was told to send it again (503 with Retry-After)')
    .option('--allow-repeat', 'also those that may have run, and must not be repeated by their method')
    .option('--again', 'also those that were answered, sent again or discarded');
  return withFilters(withOutput(withLetters(withConnection(command))));
}

/** What the flags agree to. */
export function consentsOf({ includeSafe, includeRefused, allowRepeat, again }: ReplayFlags): ReadonlySet<Consent> {
  const consents = new Set<Consent>();
  if (includeSafe) consents.add('--include-safe');
  if (includeRefused) consents.add('--include-refused');
  if (allowRepeat) consents.add('--allow-repeat');
  if (again) consents.add('--again');
  return consents;
}

function number(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`A number ${range} was expected.`);
  };
}

function whole(least: number, most?: number): (text: string) => number {
  const parse = number(least, most);
  return (text) => {
    const value = parse(text);
    if (Number.isInteger(value)) return value;
    throw new InvalidArgumentError('A whole number was expected.');
  };
}
