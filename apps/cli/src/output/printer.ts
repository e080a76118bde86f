import { printableLines, safeJson } from '@kafka-http-proxy/operate';
import { createColors } from 'picocolors';
import type { Host } from '../operator/host.js';
import { type Column, type Layout, lineOf, roomOf, shown, streamLayout, tableOf } from './columns.js';
import type { OutputFlags } from './options.js';
import { createProgress, type Progress, QUIET_PROGRESS } from './progress.js';

/** The one way to a terminal: what strangers wrote is made safe to print. */
export interface Printer {
  /** True where each line of data is a JSON object. */
  readonly json: boolean;
  readonly colors: ReturnType<typeof createColors>;
  /** Rows: a table on a terminal, tab-separated in a pipe, or an object a line. */
  rows<R>(columns: readonly Column<R>[], rows: readonly R[], object: (row: R) => object): void;
  /** Rows that come one after the other: in columns on a terminal, tab-separated in a pipe, or an object a line. */
  stream<R>(columns: readonly Column<R>[], object: (row: R) => object): (row: R) => void;
  /** A line of data. Strangers' text in it is to be {@link printable} already where colours are in it too. */
  line(text: string): void;
  /** One object as JSON on a line. */
  object(value: object): void;
  /** Several lines of strangers' text. */
  text(lines: string): void;
  /** Something to know beside the data: on stderr. */
  note(text: string): void;
  /** Progress on stderr, where somebody looks at it. */
  progress(what: string, total: number): Promise<Progress>;
}

/** Lines of one write. */
const LINES_AT_ONCE = 200;

/**
 * @example
 * const print = createPrinter(host, { json: true });
 * print.object({ topic: 'orders', lag: 3 });
 */
export function createPrinter(host: Host, flags: OutputFlags): Printer {
  const { stdout, stderr, environment } = host;
  const json = flags.json === true;
  const terminal = stdout.isTTY === true;
  const colors = createColors(terminal && !json && !environment.NO_COLOR && environment.TERM !== 'dumb');
  const watched = stderr.isTTY === true && !json && flags.quiet !== true;

  const note = (text: string): void => {
    if (flags.quiet !== true) stderr.write(`${printableLines(text)}\n`);
  };
  const tellDropped = (titles: readonly string[]): void => {
    if (titles.length > 0) note(`no room for: ${titles.join(', ')}; a wider window or --json has them`);
  };

  return {
    json,
    colors,
    rows(columns, rows, object) {
      if (terminal && !json) {
        const { text, dropped } = tableOf(columns, rows, roomOf(host), colors.bold);
        stdout.write(`${text}\n`);
        tellDropped(dropped);
        return;
      }
      const textOf = (row: (typeof rows)[number]) =>
        json ? jsonOf(object(row)) : columns.map(({ value }) => shown(value(row), '')).join('\t');
      // A call for each of very many lines would take longer than to make them.
      for (let i = 0; i < rows.length; i += LINES_AT_ONCE) {
        stdout.write(
          rows
            .slice(i, i + LINES_AT_ONCE)
            .map((row) => `${textOf(row)}\n`)
            .join(''),
        );
      }
    },
    stream(columns, object) {
      let room = 0;
      let layout: Layout<Parameters<typeof object>[0]>;
      return (row) => {
        if (json) stdout.write(`${jsonOf(object(row))}\n`);
        else if (!terminal) stdout.write(`${columns.map(({ value }) => shown(value(row), '')).join('\t')}\n`);
        else {
          const now = roomOf(host);
          // The window may be made wider meanwhile.
          if (now !== room) {
            layout = streamLayout(columns, now);
            if (room === 0 || layout.dropped.length > 0) tellDropped(layout.dropped);
            room = now;
          }
          stdout.write(`${lineOf(layout, row, room, colors)}\n`);
        }
      };
    },
    line: (text) => void stdout.write(`${text}\n`),
    object: (value) => void stdout.write(`${jsonOf(value)}\n`),
    text: (lines) => void stdout.write(`${printableLines(lines)}\n`),
    note,
    progress: async (what, total) => (watched ? await createProgress(stderr, what, total) : QUIET_PROGRESS),
  };
}

/** The line of an object. What is not known, or not there, is left out: of all commands alike. */
function jsonOf(value: object): string {
  return safeJson(Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null && one !== undefined)));
}
