import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import { type Entry, entryOf, type Filter, type RecordView, viewOf } from '@kafka-http-proxy/operate';
import type { HeaderList } from '@kafka-http-proxy/protocol';

/** What puts rows in order. */
export type Placed = Pick<Entry, 'timeMs' | 'topic' | 'partition' | 'offset'>;

/** What is kept of a record; null: nothing, it is not looked for. */
export type RowOf<R extends Placed> = (record: KafkaRecord) => R | null;

/** A line of `tail`, and what stands below it. */
export interface RecordRow extends Entry {
  /** HTTP fields; empty where they are not shown. */
  readonly headers: HeaderList;
  /** Null where it is not shown. */
  readonly body: Buffer | null;
}

/** Which rows are made, and how much they hold. */
export interface RowOptions {
  readonly filter: Filter;
  /** True: canaries and what steers streams too. */
  readonly all: boolean;
  readonly withHeaders: boolean;
  readonly withBody: boolean;
}

/** Rows of records. A filter has judged the head before a body is touched; without `withBody` none is held. */
export function recordRows({ filter, all, withHeaders, withBody }: RowOptions): RowOf<RecordRow> {
  return (record) => {
    const view = viewOf(record);
    if (!filter(view)) return null;
    const entry = entryOf(view);
    if (!all && (entry.kind === 'canary' || entry.kind === 'control')) return null;
    return {
      ...entry,
      headers: withHeaders || withBody ? view.headers : [],
      body: withBody ? bodyOf(view) : null,
    };
  };
}

function bodyOf({ kind, request, reply, part, record }: RecordView): Buffer | null {
  return request?.body ?? reply?.body ?? part?.body ?? (kind === 'other' || kind === 'letter' ? record.value : null);
}
