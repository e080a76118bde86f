import { createSameTexts, type LetterRow, letterRow, secondsOf, shortSecondsOf } from '@kafka-http-proxy/operate';
import { connectionOf } from '../connection/connection.js';
import type { SearchFlags } from '../letters/flags.js';
import { gather } from '../letters/gather.js';
import { withOpenLetters } from '../letters/open-letters.js';
import { countOf } from '../letters/options.js';
import { judgeFilters } from '../letters/wanted.js';
import { EXIT } from '../operator/exit.js';
import type { Host } from '../operator/host.js';
import type { Column } from '../output/columns.js';
import { drained } from '../output/drained.js';
import { cutTo } from '../output/fit.js';
import { createPrinter } from '../output/printer.js';
import { letterJson } from './letter-json.js';

/** Rows on a terminal, when nothing else is said. */
const ON_TERMINAL = 100;
/** Rows that are printed before it is waited until they are taken. */
const ROWS_AT_ONCE = 1000;
/** Longest target in a table, characters. */
const TARGET = 60;

const COLUMNS: readonly Column<LetterRow>[] = [
  { title: 'letter', value: ({ partition, offset }) => `${partition}@${offset}` },
  { title: 'failed', value: ({ at }) => secondsOf(at), short: ({ at }) => shortSecondsOf(at) },
  { title: 'topic', value: ({ topic }) => topic, least: 12, drop: 5 },
  { title: 'method', value: ({ method }) => method, least: 6 },
  { title: 'target', value: ({ target }) => target && cutTo(target, TARGET), least: 8 },
  { title: 'code', value: ({ code }) => code },
  { title: 'told', value: ({ status }) => status, align: 'right', drop: 4 },
  { title: 'sent', value: ({ sent }) => sent, drop: 3 },
  { title: 'replays', value: ({ replays }) => replays, align: 'right', drop: 1 },
  { title: 'bytes', value: ({ bytes }) => bytes, align: 'right', drop: 2 },
  { title: 'verdict', value: ({ verdict, settled }) => settled ?? verdict },
  { title: 'id', value: ({ id }) => id, drop: 6 },
];

/** `dlq list`: a line a letter. @returns the exit code */
export async function list(flags: SearchFlags & { readonly limit?: string }, host: Host): Promise<number> {
  const print = createPrinter(host, flags);
  judgeFilters(flags);
  const onTerminal = host.stdout.isTTY === true && !print.json;
  const limit = flags.limit === undefined ? (onTerminal ? ON_TERMINAL : null) : countOf(flags.limit, '--limit');
  const connection = await connectionOf(flags, host);
  return await withOpenLetters(connection, host, flags, async (letters) => {
    const rows: LetterRow[] = [];
    const same = createSameTexts();
    const isWhole = await gather(letters, flags, { host, print }, (found) => void rows.push(letterRow(found, same)));
    rows.sort((a, b) => a.at - b.at || a.partition - b.partition || a.offset - b.offset);
    const shown = limit === null ? rows : rows.slice(-limit);
    // A table is as wide as its widest row, so it is made at once.
    const atOnce = onTerminal ? Math.max(1, shown.length) : ROWS_AT_ONCE;
    for (let i = 0; i < shown.length; i += atOnce) {
      print.rows(COLUMNS, shown.slice(i, i + atOnce), (row) => letterJson(letters.topic, row));
      await drained(host.stdout);
    }
    if (rows.length === 0) print.note(`${letters.topic}: no ${flags.all ? '' : 'open '}letter matches`);
    const older = rows.length - shown.length;
    if (older > 0) print.note(`${older} older ones are not shown: --limit ${rows.length} shows all`);
    if (isWhole) return EXIT.done;
    print.note('Interrupted: not all letters were read.');
    return EXIT.interrupted;
  });
}
