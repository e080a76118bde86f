import { createRuns, isoTime, markKey, type Run, secondsOf, shortSecondsOf } from '@kafka-http-proxy/operate';
import { connectionOf } from '../connection/connection.js';
import type { DlqFlags } from '../letters/flags.js';
import { withOpenLetters } from '../letters/open-letters.js';
import { EXIT } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import type { Column } from '../output/columns.js';
import { createPrinter } from '../output/printer.js';

const COLUMNS: readonly Column<Run>[] = [
  { title: 'run', value: ({ run }) => run },
  { title: 'by', value: ({ by }) => by, least: 8 },
  { title: 'began', value: ({ from }) => secondsOf(from), short: ({ from }) => shortSecondsOf(from) },
  { title: 'ended', value: ({ to }) => secondsOf(to), short: ({ to }) => shortSecondsOf(to), drop: 1 },
  {
    title: 'letters',
    least: 12,
    value: ({ counts }) =>
      Object.entries(counts)
        .filter(([, count]) => count > 0)
        .map(([state, count]) => `${count} ${state}`)
        .join(', '),
  },
];

/** `dlq runs`: what was done about letters that are still there. @returns the exit code */
export async function showRuns(flags: DlqFlags, host: Host): Promise<number> {
  const print = createPrinter(host, flags);
  const runs = createRuns();
  const connection = await connectionOf(flags, host);
  return await withOpenLetters(
    connection,
    host,
    flags,
    async ({ marks }) => {
      const all = runs.all();
      print.rows(COLUMNS, all, ({ from, to, ...run }) => ({ ...run, began: isoTime(from), ended: isoTime(to) }));
      if (all.length === 0) print.note(`${marks.name}: nothing was done about a letter so far`);
      return EXIT.done;
    },
    { onMark: (letter, mark) => runs.add(markKey(letter), mark) },
  );
}
