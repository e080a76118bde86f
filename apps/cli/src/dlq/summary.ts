import {
  createSummary,
  isoTime,
  type LetterGroup,
  letterRow,
  secondsOf,
  shortSecondsOf,
} from '@kafka-http-proxy/operate';
import { connectionOf } from '../connection/connection.js';
import type { SearchFlags } from '../letters/flags.js';
import { gather } from '../letters/gather.js';
import { withOpenLetters } from '../letters/open-letters.js';
import { countOf } from '../letters/options.js';
import { judgeFilters } from '../letters/wanted.js';
import { EXIT } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import type { Column } from '../output/columns.js';
import { createPrinter, type Printer } from '../output/printer.js';

const COLUMNS: readonly Column<LetterGroup>[] = [
  { title: 'topic', value: ({ topic }) => topic, least: 12 },
  { title: 'code', value: ({ code }) => code },
  { title: 'method', value: ({ method }) => method, least: 6 },
  { title: 'sent', value: ({ sent }) => sent, drop: 2 },
  { title: 'count', value: ({ count }) => count, align: 'right' },
  { title: 'oldest', value: ({ oldest }) => secondsOf(oldest), short: ({ oldest }) => shortSecondsOf(oldest), drop: 1 },
  { title: 'newest', value: ({ newest }) => secondsOf(newest), short: ({ newest }) => shortSecondsOf(newest) },
  { title: 'verdict', value: ({ verdict }) => verdict },
];

/** `dlq`: letters in groups. @returns the exit code */
export async function summarise(flags: SearchFlags & { readonly failAbove?: string }, host: Host): Promise<number> {
  const most = flags.failAbove === undefined ? null : countOf(flags.failAbove, '--fail-above', 0);
  const print = createPrinter(host, flags);
  judgeFilters(flags);
  const summary = createSummary();
  const connection = await connectionOf(flags, host);
  return await withOpenLetters(connection, host, flags, async (letters) => {
    // Those that are settled are counted, too, to say that they are there.
    const isWhole = await gather(letters, { ...flags, all: true }, { host, print }, (found) =>
      summary.add(letterRow(found)),
    );
    print.rows(COLUMNS, summary.groups(), (group) => ({
      ...group,
      oldest: isoTime(group.oldest),
      newest: isoTime(group.newest),
    }));
    tellTotals(print, letters.topic, summary.open(), summary.settled());
    if (!isWhole) {
      print.note('Interrupted: not all letters were read.');
      return EXIT.interrupted;
    }
    return most !== null && summary.open() > most ? EXIT.notWell : EXIT.done;
  });
}

function tellTotals(print: Printer, topic: string, open: number, settled: number): void {
  const beside = settled === 0 ? '' : `; ${settled} more are settled, see "dlq list --all"`;
  print.note(`${topic}: ${open} open${beside}`);
}
