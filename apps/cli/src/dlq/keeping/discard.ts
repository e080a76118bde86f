import { type LetterRow, letterRow, type Mark, placeOf } from '@kafka-http-proxy/operate';
import { connectionOf } from '../../connection/connection.js';
import type { SearchFlags } from '../../letters/flags.js';
import { gather } from '../../letters/gather.js';
import { type Letters, withOpenLetters } from '../../letters/open-letters.js';
import { isEmpty, isNamed, selectionOf } from '../../letters/selection.js';
import { judgeFilters } from '../../letters/wanted.js';
import { newRun, whoRuns } from '../../marks/who.js';
import { CommandFailure, EXIT, mistake } from '../../operator/exit.js';
import type { Host } from '../../operator/host.js';
import { createPrinter, type Printer } from '../../output/printer.js';
import { mayGoOn } from './may-go-on.js';

/** What `dlq discard` takes. */
export type DiscardFlags = Omit<SearchFlags, 'all'> & { readonly yes?: true };

const FILTERS = [
  'since',
  'until',
  'id',
  'method',
  'path',
  'status',
  'code',
  'client',
  'key',
  'header',
  'topic',
] as const;

/** `dlq discard`: marks open letters as done with. @returns the exit code */
export async function discard(names: readonly string[], flags: DiscardFlags, host: Host): Promise<number> {
  const isFiltered = FILTERS.some((name) => flags[name] !== undefined);
  if (names.length === 0 && !isFiltered)
    throw mistake('Which letters? Name them, or say a filter: --path "/**" has all');
  const print = createPrinter(host, flags);
  judgeFilters(flags);
  const connection = await connectionOf(flags, host);
  return await withOpenLetters(connection, host, flags, async (letters) => {
    const selection = selectionOf(names, letters.topic);
    const rows: Chosen[] = [];
    const isWhole = await gather(letters, flags, { host, print }, (found) => {
      if (isEmpty(selection) || isNamed(selection, found)) rows.push({ row: letterRow(found), shown: found.view.id });
    });
    if (!isWhole) return EXIT.interrupted;
    if (rows.length === 0) throw new CommandFailure(`${letters.topic} has no such letter that is open`);
    const question = `Discard ${rows.length} letter${rows.length === 1 ? '' : 's'} of ${letters.topic}?`;
    // Those that were named one by one were chosen already.
    if (names.length === 0 && !(await mayGoOn(question, flags.yes, host))) return EXIT.notWell;
    return await markAll(letters, rows, host, print);
  });
}

/** Marks that wait for Kafka together. */
const AT_ONCE = 200;

interface Chosen {
  readonly row: LetterRow;
  /** What of the letter's own id may be shown: the mark says by it which letter is meant. */
  readonly shown: string | null;
}

async function markAll(
  { marks, topic }: Letters,
  rows: readonly Chosen[],
  host: Host,
  print: Printer,
): Promise<number> {
  const run = newRun();
  const by = whoRuns();
  const markOne = async ({ row, shown }: Chosen): Promise<void> => {
    const mark: Mark = {
      v: 1,
      state: 'discarded',
      n: row.replays,
      run,
      by,
      at: Date.now(),
      ...(shown && { id: shown }),
    };
    await marks.write(row, mark);
    if (print.json) print.object({ letter: placeOf({ ...row, topic }), state: mark.state, run });
  };
  let done = 0;
  while (done < rows.length && !host.signal.aborted) {
    const some = rows.slice(done, done + AT_ONCE);
    await Promise.all(some.map(markOne));
    done += some.length;
  }
  print.note(`${done} of ${rows.length} discarded, run ${run}; "dlq list --all" still has them`);
  return done === rows.length ? EXIT.done : EXIT.interrupted;
}
