import {
  type BodyPart,
  isoTime,
  type Masking,
  placeOf,
  printable,
  shortSecondsOf,
  viewBody,
} from '@kafka-http-proxy/operate';
import { inflate } from '../bodies/inflate.js';
import type { Column } from '../output/columns.js';
import { pairsOf } from '../output/pairs-of.js';
import type { Printer } from '../output/printer.js';
import type { RecordRow } from './row.js';

/** How records are printed. */
export interface RecordLines {
  /** Prints a record: a line, and what is asked for below it. */
  print(row: RecordRow): Promise<void>;
}

/** What is printed below the line of a record. */
export interface RecordLineOptions {
  readonly headers: boolean;
  readonly bodies: 'none' | BodyPart;
  readonly masking: Masking;
}

const COLUMNS: readonly Column<RecordRow>[] = [
  {
    title: 'time',
    value: ({ timeMs }) => isoTime(timeMs),
    short: ({ timeMs }) => shortSecondsOf(timeMs),
    width: 24,
    shortWidth: 14,
    paint: (text, _row, { dim }) => dim(text),
  },
  { title: 'place', value: placeOf, width: 28, least: 18, keep: 'end' },
  { title: 'kind', value: ({ kind }) => kind, width: 8 },
  { title: 'what', value: whatOf, width: 32, least: 24 },
  { title: 'id', value: ({ id }) => id, width: 21, drop: 1 },
  { title: 'bytes', value: ({ bytes }) => bytes, align: 'right', width: 7, drop: 2 },
];

/** Method and target, or status and code. */
function whatOf({ method, target, status, code }: RecordRow): string | null {
  const parts = [method, target, status, code].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(' ');
}

/** Prints records. What can't be read is a note on stderr, as rpk has it. */
export function createRecordLines(print: Printer, { headers, bodies, masking }: RecordLineOptions): RecordLines {
  const line = print.stream<RecordRow>(COLUMNS, (row) => jsonOf(row));
  const body = async (row: RecordRow) =>
    bodies === 'none' || row.body === null ? null : await viewBody(row.body, row.headers, { part: bodies, inflate });

  return {
    async print(row) {
      if (row.kind === 'unreadable') {
        print.note(`${placeOf(row)} can't be read: ${row.fault}`);
        return;
      }
      const view = await body(row);
      if (print.json) {
        const fields = headers ? { headers: fieldsOf(row, masking) } : {};
        const shown = view === null ? {} : { body_kind: view.kind, body: view.text, body_notes: view.notes };
        print.object({ ...jsonOf(row), ...fields, ...shown });
        return;
      }
      line(row);
      if (headers) for (const [name, value] of fieldsOf(row, masking)) print.line(printable(`  ${name}: ${value}`));
      if (view === null || view.kind === 'empty') return;
      if (headers) print.line('');
      print.text(view.text.replace(/^/gm, '  '));
      if (view.notes.length > 0) print.line(`  (${view.notes.join('; ')})`);
    },
  };
}

/** Public interface: docs/commands.md names each of them. */
function jsonOf(row: RecordRow): object {
  const { topic, partition, offset, kind, id, method, target, status, code, client, principal, bytes } = row;
  return {
    time: isoTime(row.timeMs),
    topic,
    partition,
    offset,
    kind,
    id,
    method,
    target,
    status,
    code,
    client,
    principal,
    bytes,
  };
}

function fieldsOf({ headers }: RecordRow, masking: Masking): [string, string][] {
  return pairsOf(masking.fields(headers));
}
