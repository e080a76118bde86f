import { printable } from '@kafka-http-proxy/operate';
import Table from 'cli-table3';
import type { createColors } from 'picocolors';
import type { Host } from '../operator/host.js';
import { cutTo, type Fitted, type Flexible, fit, GAP } from './fit.js';

/** A value of a cell; null and undefined are shown as `-` in a table, and left out of JSON. */
export type Cell = string | number | boolean | null | undefined;

/** A column: its heading, and where it is in a row. */
export interface Column<R> extends Flexible {
  readonly value: (row: R) => Cell;
  /** What is shown where not all columns have room: a time without its year. */
  readonly short?: (row: R) => Cell;
  readonly align?: 'right';
  /** In a stream on a terminal: how wide it is at least. */
  readonly width?: number;
  /** The same of its short form. */
  readonly shortWidth?: number;
  /** Colours the text of its cell on a terminal. */
  readonly paint?: (text: string, row: R, colors: ReturnType<typeof createColors>) => string;
}

/** Columns of a line on a terminal that does not say how wide it is. */
const USUAL = 80;

/** How wide a line may be, characters. */
export function roomOf({
  stdout: { columns },
  environment: { COLUMNS },
}: Pick<Host, 'stdout' | 'environment'>): number {
  const said = /^\d{1,4}$/.test(COLUMNS ?? '') ? Number(COLUMNS) : 0;
  return columns || said || USUAL;
}

/** A cell's text; safe to print. */
export function shown(value: Cell, nothing: string): string {
  return value === null || value === undefined ? nothing : printable(String(value));
}

/** Columns as they are shown, and the titles of those that are not. */
export interface Layout<R> {
  readonly columns: readonly (Fitted<Column<R>> & { readonly text: (row: R) => string })[];
  readonly dropped: readonly string[];
}

/**
 * Lays columns out: all of them in full where there is room, else short forms, cuts and in the end fewer columns.
 *
 * @param widthOf what a column takes with these texts
 */
function layOut<R>(
  columns: readonly Column<R>[],
  widthOf: (column: Column<R>, isShort: boolean, text: (row: R) => string) => number,
  room: number,
): Layout<R> {
  const texts = (isShort: boolean) =>
    columns.map(({ value, short }) => {
      const from = isShort ? (short ?? value) : value;
      return (row: R) => shown(from(row), '-');
    });
  const widths = (isShort: boolean) => texts(isShort).map((text, i) => widthOf(columns[i] as Column<R>, isShort, text));
  const whole = widths(false);
  const isShort = whole.reduce((sum, width) => sum + width, GAP * (columns.length - 1)) > room;
  const kept = fit(columns, isShort ? widths(true) : whole, room);
  const chosen = texts(isShort);
  return {
    columns: kept.map((one) => ({ ...one, text: chosen[columns.indexOf(one.column)] as (row: R) => string })),
    dropped: columns
      .filter((one) => !kept.some(({ column }) => column === one))
      .map(({ title }) => title.toLowerCase()),
  };
}

/** A table as wide as its widest rows, and no wider than a line. */
export function tableOf<R>(
  columns: readonly Column<R>[],
  rows: readonly R[],
  room: number,
  bold: (text: string) => string,
): { readonly text: string; readonly dropped: readonly string[] } {
  const widest = (column: Column<R>, _isShort: boolean, text: (row: R) => string) =>
    rows.reduce((most, row) => Math.max(most, text(row).length), column.title.length);
  const { columns: kept, dropped } = layOut(columns, widest, room);
  const table = new Table({
    head: kept.map(({ column, width }) => bold(cutTo(column.title.toUpperCase(), width))),
    colAligns: kept.map(({ column: { align } }) => align ?? ('left' as const)),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP, compact: true },
    chars: NO_LINES,
  });
  for (const row of rows) table.push(kept.map(({ column, width, text }) => cutTo(text(row), width, column.keep)));
  const lines = table.toString().split('\n');
  return { text: lines.map((line) => line.trimEnd()).join('\n'), dropped };
}

/** The columns of rows that come one by one, by the widths that they usually need. */
export function streamLayout<R>(columns: readonly Column<R>[], room: number): Layout<R> {
  const usual = ({ width = 0, shortWidth, title }: Column<R>, isShort: boolean) =>
    Math.max(isShort ? (shortWidth ?? width) : width, title.length);
  return layOut(columns, usual, room);
}

/** A row of such columns: one that has more to say than usual takes the room that its line has left, and no more. */
export function lineOf<R>(
  { columns }: Layout<R>,
  row: R,
  room: number,
  colors: ReturnType<typeof createColors>,
): string {
  const texts = columns.map(({ text }) => text(row));
  const widths = columns.map(({ width }, i) => Math.max(width, texts[i]?.length ?? 0));
  // None is left out of one line alone.
  const fixed = columns.map(({ column: { drop: _, ...column } }) => column);
  const fitted = fit(fixed, widths, room);
  return columns
    .map(({ column: { align, paint, keep }, width }, i) => {
      const text = cutTo(texts[i] as string, fitted[i]?.width ?? 0, keep);
      const padTo = Math.min(width, fitted[i]?.width ?? width);
      const padded = align === 'right' ? text.padStart(padTo) : text.padEnd(padTo);
      return paint === undefined ? padded : paint(padded, row, colors);
    })
    .join(' '.repeat(GAP))
    .trimEnd();
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
