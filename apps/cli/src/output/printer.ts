import { printable, printableLines, safeJson } from '@kafka-http-proxy/operate';
import Table from 'cli-table3';
import { createColors } from 'picocolors';
import type { Host } from '../operator/host.js';
import type { OutputFlags } from './options.js';
import { createProgress, type Progress, QUIET_PROGRESS } from './progress.js';

/** A value of a cell; null and undefined are shown as `-` in a table, and left out of JSON. */
export type Cell = string | number | boolean | null | undefined;

/** A column: its heading, and where it is in a row. */
export interface Column<R> {
  readonly title: string;
  readonly value: (row: R) => Cell;
  readonly align?: 'right';
  /** In a stream on a terminal: how wide it is at least. */
  readonly width?: number;
  /** Colours the text of its cell on a terminal. */
  readonly paint?: (text: string, row: R, colors: Printer['colors']) => string;
}

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
export function createPrinter({ stdout, stderr, environment }: Host, flags: OutputFlags): Printer {
  const json = flags.json === true;
  const terminal = stdout.isTTY === true;
  const colors = createColors(terminal && !json && !environment.NO_COLOR && environment.TERM !== 'dumb');
  const watched = stderr.isTTY === true && !json && flags.quiet !== true;

  return {
    json,
    colors,
    rows(columns, rows, object) {
      if (terminal && !json) {
        stdout.write(`${tableOf(columns, rows, colors.bold)}\n`);
        return;
      }
      const lineOf = (row: (typeof rows)[number]) =>
        json ? safeJson(object(row)) : columns.map(({ value }) => shown(value(row), '')).join('\t');
      // A call for each of very many lines would take longer than to make them.
      for (let i = 0; i < rows.length; i += LINES_AT_ONCE) {
        stdout.write(
          rows
            .slice(i, i + LINES_AT_ONCE)
            .map((row) => `${lineOf(row)}\n`)
            .join(''),
        );
      }
    },
    stream: (columns, object) => (row) => {
      if (json) stdout.write(`${safeJson(object(row))}\n`);
      else if (!terminal) stdout.write(`${columns.map(({ value }) => shown(value(row), '')).join('\t')}\n`);
      else
        stdout.write(
          `${columns
            .map((column) => cellOf(column, row, colors))
            .join('  ')
            .trimEnd()}\n`,
        );
    },
    line: (text) => void stdout.write(`${text}\n`),
    object: (value) => void stdout.write(`${safeJson(value)}\n`),
    text: (lines) => void stdout.write(`${printableLines(lines)}\n`),
    note(text) {
      if (flags.quiet !== true) stderr.write(`${printableLines(text)}\n`);
    },
    progress: async (what, total) => (watched ? await createProgress(stderr, what, total) : QUIET_PROGRESS),
  };
}

function tableOf<R>(columns: readonly Column<R>[], rows: readonly R[], bold: (text: string) => string): string {
  const table = new Table({
    head: columns.map(({ title }) => bold(title.toUpperCase())),
    colAligns: columns.map(({ align }) => align ?? ('left' as const)),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2, compact: true },
    chars: NO_LINES,
  });
  for (const row of rows) table.push(columns.map(({ value }) => shown(value(row), '-')));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function cellOf<R>({ value, align, width = 0, paint }: Column<R>, row: R, colors: Printer['colors']): string {
  const text = shown(value(row), '-');
  const padded = align === 'right' ? text.padStart(width) : text.padEnd(width);
  return paint === undefined ? padded : paint(padded, row, colors);
}

function shown(value: Cell, nothing: string): string {
  return value === null || value === undefined ? nothing : printable(String(value));
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};
